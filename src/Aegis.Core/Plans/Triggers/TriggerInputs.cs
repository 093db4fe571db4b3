using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Expressions;
using Aegis.Core.Plans.Source;

namespace Aegis.Core.Plans.Triggers;

/// <summary>The inputs that an entry of <c>on</c> gives to the runs it starts.</summary>
internal static class TriggerInputs
{
    public static JsonElement? Read(ValueReader read, SourceNode? node)
    {
        var map = read.AnyMap(node, "inputs");
        if (map is null || !NodeJson.Check(read.Diagnostics, map))
        {
            return null;
        }
        if (map.Members.Length > WorkflowLimits.InputsMax)
        {
            read.Diagnostics.Add(map, "AEGIS1016", "a trigger gives too many inputs",
                $"at most {WorkflowLimits.InputsMax}", $"{map.Members.Length}");
            return null;
        }
        return NodeJson.Of(map);
    }

    /// <summary>Every input of every trigger, where it is written.</summary>
    public static IEnumerable<(ScalarNode Name, SourceNode Value)> Members(SourceNode? on) => on switch
    {
        SequenceNode list => list.Items.SelectMany(Members),
        MappingNode map => map.Members.SelectMany(m => m.Value is SequenceNode many
            ? many.Items.SelectMany(Of)
            : Of(m.Value)),
        _ => [],
    };

    /// <summary>Holds one against what the workflow declares; of a value with expressions only its name is
    /// known yet.</summary>
    public static void Check(DiagnosticList diagnostics, ImmutableArray<InputSpec> declared, ScalarNode name,
        SourceNode value)
    {
        var names = declared.Select(i => i.Name).ToList();
        if (declared.FirstOrDefault(i =>
            string.Equals(i.Name, name.Text, StringComparison.OrdinalIgnoreCase)) is not { } input)
        {
            diagnostics.Add(name, "AEGIS1171",
                $"the workflow declares no input {ValueReader.Shown(name.Text)}",
                names.Count == 0 ? "an input under inputs" : string.Join(", ", names), null,
                diagnostics.DidYouMean(name.Text, names) ?? "declare it under inputs");
            return;
        }
        var json = NodeJson.Of(value);
        if (!Template.HasExpressions(json) && !PlanInputs.Fits(input.Type, json))
        {
            diagnostics.Add(value, "AEGIS1172", $"the input {input.Name} has the wrong type",
                input.Type.ToString().ToLowerInvariant(), value.KindShown);
        }
        if (json.GetRawText().Contains("\\u0000", StringComparison.Ordinal))
        {
            diagnostics.Add(value, "AEGIS1172", $"the input {input.Name} holds the zero character",
                "text without it");
        }
    }

    private static IEnumerable<(ScalarNode, SourceNode)> Of(SourceNode options) =>
        (options as MappingNode)?["inputs"] is MappingNode inputs
            ? inputs.Members.Select(m => (m.Key, m.Value))
            : [];
}
