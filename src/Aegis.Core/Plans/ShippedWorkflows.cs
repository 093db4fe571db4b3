using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Aegis.Core.Discovery;
using Aegis.Core.Errors;

namespace Aegis.Core.Plans;

/// <summary>Workflows that come with the product: files of contracts/workflows, to read, copy and
/// change.</summary>
public static partial class ShippedWorkflows
{
    /// <summary>Repairs a repository whose tests fail.</summary>
    public static string Fix { get; } = ShippedText.Of("workflows.fix.yaml");

    /// <summary>The steps of a workflow for a run that has no such inputs: each <c>inputs.NAME</c> of an
    /// expression is the value itself.</summary>
    /// <param name="values">Text, numbers, booleans or null; every input that the steps read.</param>
    public static JsonElement StepsOf(string workflow, IReadOnlyDictionary<string, object?> values)
    {
        var diagnostics = new DiagnosticList("workflow");
        var root = new Source.SourceReader(diagnostics).Read(workflow)
            ?? throw new InvariantViolationException("a shipped workflow is no YAML");
        var steps = JsonNode.Parse(NodeJson.Of(root).GetProperty("steps").GetRawText());
        return JsonSerializer.SerializeToElement(Filled(steps, values));
    }

    private static JsonNode? Filled(
        JsonNode? node, IReadOnlyDictionary<string, object?> values) => node switch
    {
        JsonObject map => new JsonObject(
            map.Select(m => KeyValuePair.Create(m.Key, Filled(m.Value, values)))),
        JsonArray list => new JsonArray([.. list.Select(item => Filled(item, values))]),
        JsonValue value when value.TryGetValue<string>(out var text) => JsonValue.Create(
            Input().Replace(text, match => Literal(values[match.Groups[1].Value]))),
        _ => node?.DeepClone(),
    };

    private static string Literal(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        string text => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    [GeneratedRegex(@"\binputs\.(\w+)")]
    private static partial Regex Input();
}
