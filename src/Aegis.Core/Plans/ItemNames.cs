using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core.Expressions;

namespace Aegis.Core.Plans;

/// <summary>
/// Writes <c>${file.path}</c> of a <c>foreach … as: file</c> as <c>${{ file.path }}</c> into the plan. The
/// name is a root in that step alone; so everything behind the compiler (rendering, reviews, the judgement of
/// what an outsider wrote) reads one form and needs to know nobody's names. Rejected: handing the name to
/// each of them.
/// </summary>
internal static class ItemNames
{
    public static string Lengthened(string text, ForeachSpec? items)
    {
        if (items is null || !text.Contains("${" + items.As, StringComparison.Ordinal))
        {
            return text;
        }
        var template = TemplateText.Parse(text, readsShortForm: true, items.As);
        return template.Fault is not null ? text
            : string.Concat(template.Parts.Select(p => p.Literal
                ?? $"{TemplateText.Open}{p.Expression!.Text}{TemplateText.Close}"));
    }

    /// <summary>Not below <c>cmd</c>, where the short form is the shell's.</summary>
    public static JsonElement Lengthened(JsonElement with, ForeachSpec? items) =>
        items is not null && with.GetRawText().Contains("${" + items.As, StringComparison.Ordinal)
            ? JsonSerializer.SerializeToElement(Lengthened(JsonNode.Parse(with.GetRawText()), items))
            : with;

    private static JsonNode? Lengthened(JsonNode? node, ForeachSpec items)
    {
        switch (node)
        {
            case JsonObject map:
                return new JsonObject(map.Select(m => KeyValuePair.Create(m.Key, m.Key == Template.CommandKey
                    ? m.Value?.DeepClone()
                    : Lengthened(m.Value, items))));
            case JsonArray list:
                return new JsonArray([.. list.Select(i => Lengthened(i, items))]);
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                return Lengthened(value.GetValue<string>(), items);
            default:
                return node?.DeepClone();
        }
    }
}
