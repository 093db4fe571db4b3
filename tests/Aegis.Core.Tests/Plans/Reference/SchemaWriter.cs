using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core.Plans;
using Aegis.Core.Plans.Review;
using Aegis.Tests.Shared;

namespace Aegis.Core.Tests.Plans.Reference;

/// <summary>Makes contracts/workflow.schema.json: the shapes, with what the compiler's table and the notes
/// say of each key, and what the tools take.</summary>
internal static class SchemaWriter
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Make()
    {
        var schema = JsonNode.Parse(File.ReadAllText(
            Path.Combine(GeneratedFile.Root, "contracts/workflow/shapes.json")))!.AsObject();
        foreach (var key in WorkflowKeys.All.Where(k => k.State == KeyState.Works))
        {
            Describe(Map(schema, key.Scope)["properties"]!.AsObject(), key);
        }
        AddTools(schema["$defs"]!["step"]!.AsObject());
        return schema.ToJsonString(Indented) + "\n";
    }

    /// <summary>The definition in which the keys of a place stand.</summary>
    public static string? DefinitionOf(KeyScope scope) => scope switch
    {
        KeyScope.Workflow => null,
        KeyScope.Github => "githubOptions",
        _ when scope.ToString() == "Webhook" => "webhookOptions",
        _ => char.ToLowerInvariant(scope.ToString()[0]) + scope.ToString()[1..],
    };

    private static JsonObject Map(JsonObject schema, KeyScope scope) =>
        DefinitionOf(scope) is { } name ? schema["$defs"]![name]!.AsObject() : schema;

    private static void Describe(JsonObject properties, WorkflowKey key)
    {
        var note = KeyNotes.Of(key);
        var facts = new List<string> { $"Type: {key.Type}." };
        if (key.Default.Length > 0)
        {
            facts.Add(key.Default == "required" ? "Required." : $"Default: {key.Default}.");
        }
        if (key.Limits.Length > 0)
        {
            facts.Add($"Limits: {key.Limits}.");
        }
        var shape = properties[key.Name]!.AsObject();
        shape["description"] = $"{note.Says} {string.Join(' ', facts)}";
        shape["markdownDescription"] = $"{note.Says}\n\n{string.Join(' ', facts)}\n\n"
            + $"```yaml\n{note.Example}\n```";
    }

    /// <summary>Editors offer the tools of this release, and what each takes; a server may have
    /// others.</summary>
    private static void AddTools(JsonObject step)
    {
        var uses = step["properties"]!["uses"]!.AsObject();
        uses.Remove("$ref");
        uses["anyOf"] = new JsonArray(
            new JsonObject { ["enum"] = new JsonArray([.. ToolFacts.BuiltIn.All.Select(t =>
                JsonValue.Create(t.Name))]) },
            new JsonObject { ["$ref"] = "#/$defs/id" });
        step["allOf"] = new JsonArray([.. ToolFacts.BuiltIn.All.Select(JsonNode (t) => new JsonObject
        {
            ["if"] = new JsonObject
            {
                ["properties"] = new JsonObject { ["uses"] = new JsonObject { ["const"] = t.Name } },
                ["required"] = new JsonArray("uses"),
            },
            ["then"] = new JsonObject { ["properties"] = new JsonObject { ["with"] = With(t) } },
        })]);
    }

    private static JsonObject With(ToolFact tool) => new()
    {
        ["type"] = "object",
        ["description"] = $"{tool.Description} Scope: {tool.Scope}. Effect: {tool.Effect}.",
        ["additionalProperties"] = false,
        ["properties"] = new JsonObject(tool.Inputs.Select(i => KeyValuePair.Create(i.Name,
            (JsonNode?)new JsonObject { ["description"] =
                $"{i.Type ?? "any"}{(i.Required ? ", required" : "")}" }))),
    };
}
