using System.Text.Json;
using Aegis.Core.Expressions;

namespace Aegis.Core.Plans;

/// <summary>The calls of <c>hashFiles()</c> in a task's texts.</summary>
internal static class HashCalls
{
    public static HashUse UseOf(PlanTask task)
    {
        var use = HashUse.None;
        foreach (var part in new[] { HashUse.Condition, HashUse.Input, HashUse.Outputs })
        {
            use |= Of(task, part).Any() ? part : HashUse.None;
        }
        return use;
    }

    public static IEnumerable<HashFilesCall> Of(PlanTask task, HashUse part) => part switch
    {
        HashUse.Condition => task.If is { } text
            ? Condition.Parse(text).Expression?.HashFilesCalls ?? []
            : [],
        HashUse.Input => OfJson(task.With, true)
            .Concat(task.Env.Values.SelectMany(v => OfText(v, readsShortForm: true))),
        _ => task.Options.Outputs.SelectMany(o => OfText(o.Value, readsShortForm: true)),
    };

    private static IEnumerable<HashFilesCall> OfJson(JsonElement json, bool readsShortForm) =>
        json.ValueKind switch
        {
            JsonValueKind.String => OfText(json.GetString()!, readsShortForm),
            JsonValueKind.Array => json.EnumerateArray().SelectMany(i => OfJson(i, readsShortForm)),
            JsonValueKind.Object => json.EnumerateObject()
                .SelectMany(m => OfJson(m.Value, readsShortForm && m.Name != Template.CommandKey)),
            _ => [],
        };

    private static IEnumerable<HashFilesCall> OfText(string text, bool readsShortForm) =>
        TemplateText.Parse(text, readsShortForm).Parts
            .SelectMany(p => p.Expression?.HashFilesCalls ?? []);
}
