using Aegis.Core.Plans;
using Aegis.Tests.Shared;
using YamlDotNet.RepresentationModel;

namespace Aegis.Core.Tests.Plans.Reference;

/// <summary>What contracts/workflow/keys.yaml says of a key.</summary>
internal sealed record KeyNote(string Says, string Example);

internal static class KeyNotes
{
    private static readonly Dictionary<(string Place, string Key), KeyNote> All = Read();

    public static KeyNote Of(WorkflowKey key) => All.TryGetValue((PlaceOf(key.Scope), key.Name), out var note)
        ? note
        : throw new Xunit.Sdk.XunitException($"contracts/workflow/keys.yaml says nothing of "
            + $"{PlaceOf(key.Scope)}.{key.Name}; mend: add what it means and an example");

    public static string PlaceOf(KeyScope scope) => scope switch
    {
        KeyScope.Workflow => "top",
        KeyScope.Input => "inputs.*",
        KeyScope.Step => "steps[]",
        KeyScope.Retry => "retry",
        KeyScope.Output => "outputs.*",
        KeyScope.Github => "on.github:*",
        KeyScope.Completed => "on.workflow_completed",
        // the other triggers carry their own names
        KeyScope.Schedule => "on.schedule",
        _ when scope.ToString() == "Webhook" => "on.webhook",
        _ => scope.ToString().ToLowerInvariant(),
    };

    /// <summary>The example where it stands in a workflow, and the whole workflow around it.</summary>
    public static (string Shown, string Whole) InPlace(WorkflowKey key)
    {
        var example = Of(key).Example;
        var shown = PlaceOf(key.Scope) switch
        {
            "top" => example,
            "steps[]" => Step(example),
            "on.github:*" => $"on:\n  github:push:\n{Indented(example, 4)}",
            "on.webhook" => $"on:\n  webhook:\n{Indented(example, 4)}",
            "on.schedule" => $"on:\n  schedule:\n{Indented(example, 4)}",
            "on.workflow_completed" => $"on:\n  workflow_completed:\n{Indented(example, 4)}",
            "inputs.*" => $"inputs:\n  version:\n{Indented(example, 4)}",
            "outputs.*" => $"outputs:\n  size:\n{Indented(example, 4)}",
            "policy" or "defaults" or "concurrency" => $"{PlaceOf(key.Scope)}:\n{Indented(example, 2)}",
            var place => Step($"{place}:\n{Indented(example, 2)}"),
        };
        return (shown, Around(shown));
    }

    private static string Around(string shown)
    {
        var declares = shown.Contains("version", StringComparison.Ordinal)
            && !shown.StartsWith("inputs:", StringComparison.Ordinal) ? "inputs: { version: {} }\n" : "";
        return (shown.StartsWith("name:", StringComparison.Ordinal) ? "" : "name: example\n") + declares
            + shown + "\n"
            + (shown.StartsWith("steps:", StringComparison.Ordinal) ? ""
                : "steps:\n  - id: a\n    uses: flow.noop\n");
    }

    private static string Step(string example)
    {
        var id = example.StartsWith("id:", StringComparison.Ordinal) ? "" : "id: a\n";
        var uses = example.StartsWith("uses:", StringComparison.Ordinal) ? "" : "uses: flow.noop\n";
        var lines = (id + uses + example).TrimEnd('\n').Split('\n');
        return "steps:\n  - " + string.Join("\n    ", lines);
    }

    private static string Indented(string text, int by) =>
        string.Join('\n', text.Split('\n').Select(l => new string(' ', by) + l));

    private static Dictionary<(string, string), KeyNote> Read()
    {
        using var reader = File.OpenText(Path.Combine(GeneratedFile.Root, "contracts/workflow/keys.yaml"));
        var yaml = new YamlStream();
        yaml.Load(reader);
        return ((YamlMappingNode)yaml.Documents[0].RootNode).Children
            .SelectMany(place => ((YamlMappingNode)place.Value).Children.Select(key =>
                (At: (place.Key.ToString(), key.Key.ToString()), Note: Note((YamlMappingNode)key.Value))))
            .ToDictionary(n => n.At, n => n.Note);
    }

    private static KeyNote Note(YamlMappingNode node) =>
        new(node.Children["says"].ToString(), node.Children["example"].ToString());
}
