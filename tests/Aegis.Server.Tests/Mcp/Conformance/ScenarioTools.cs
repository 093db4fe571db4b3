using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Gate.Peers;

namespace Aegis.Server.Tests.Mcp.Conformance;

/// <summary>The tools that the scenarios of both revisions name, as the suite describes them.</summary>
internal static class ScenarioTools
{
    public const string Image =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";

    private const string Audio = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=";

    private const string InHeader = """
        {"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"},
          "query":{"type":"string"}},"required":["query"]}
        """;

    private const string WideSchema = """
        {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object",
        "$defs":{"address":{"$anchor":"addressDef","type":"object",
          "properties":{"street":{"type":"string"},"city":{"type":"string"}}}},
        "properties":{"name":{"type":"string"},"address":{"$ref":"#/$defs/address"},
          "contactMethod":{"type":"string","enum":["phone","email"]},
          "phone":{"type":"string"},"email":{"type":"string"}},
        "allOf":[{"anyOf":[{"required":["phone"]},{"required":["email"]}]}],
        "if":{"properties":{"contactMethod":{"const":"phone"}},"required":["contactMethod"]},
        "then":{"required":["phone"]},"else":{"required":["email"]},"additionalProperties":false}
        """;

    public static IEnumerable<Tool> All =>
    [
        new ScenarioTool("test_simple_text", "Answers with text",
            ScenarioTool.Words("This is a simple text response for testing.")),
        new ScenarioTool("test_image_content", "Answers with a picture",
            ScenarioTool.Parts(Picture())),
        new ScenarioTool("test_audio_content", "Answers with a sound",
            ScenarioTool.Parts(new ToolContent.Audio(Convert.FromBase64String(Audio), "audio/wav"))),
        new ScenarioTool("test_embedded_resource", "Answers with a document", ScenarioTool.Parts(
            new ToolContent.Document("test://embedded-resource", "text/plain",
                "This is an embedded resource content."))),
        new ScenarioTool("test_multiple_content_types", "Answers with all of them", ScenarioTool.Parts(
            new ToolContent.Words("Multiple content types test:"), Picture(),
            new ToolContent.Document("test://mixed-content-resource", "application/json",
                """{"test":"data","value":123}"""))),
        new ScenarioTool("test_tool_with_logging", "Says words as it runs", ScenarioTool.NoInput, SayAsync),
        new ScenarioTool("test_logging_tool", "Says words while it runs", ScenarioTool.NoInput, SayAsync),
        new ScenarioTool("test_tool_with_progress", "Reports progress", ScenarioTool.NoInput, ProgressAsync),
        new ScenarioTool("test_streaming_elicitation", "Reports progress", ScenarioTool.NoInput,
            ProgressAsync),
        new ScenarioTool("test_error_handling", "Fails", ToolResult.Fail(new AegisError("AEGIS2005",
            "This tool intentionally returns an error for testing"))),
        new ScenarioTool("json_schema_2020_12_tool", "Has a schema with keywords of all sorts", WideSchema,
            (_, _, _) => ValueTask.FromResult(ScenarioTool.Words("ok"))),
        new ScenarioTool("test_header_argument", "Has an argument that comes in a header too", InHeader,
            (_, _, _) => ValueTask.FromResult(ScenarioTool.Words("ok"))),
        .. ScenarioQuestions.All,
    ];

    public static ToolContent Picture() =>
        new ToolContent.Image(Convert.FromBase64String(Image), "image/png");

    public static JsonElement Schema(string member, string type) => JsonElement.Parse($$$"""
        {"type":"object","properties":{"{{{member}}}":{"type":"{{{type}}}"}},
        "required":["{{{member}}}"]}
        """);

    private static async ValueTask<ToolResult> SayAsync(
        JsonElement input, Execution execution, CancellationToken cancel)
    {
        foreach (var words in (string[])
            ["Tool execution started", "Tool processing data", "Tool execution completed"])
        {
            await execution.Peer.SayAsync(PeerLevel.Info, words, cancel);
        }
        return ScenarioTool.Words("Tool with logging executed successfully");
    }

    private static async ValueTask<ToolResult> ProgressAsync(
        JsonElement input, Execution execution, CancellationToken cancel)
    {
        foreach (var done in (int[])[0, 50, 100])
        {
            await execution.Peer.ProgressAsync(
                new CallProgress(done, 100, $"Completed step {done} of 100"), cancel);
        }
        return ScenarioTool.Words("done");
    }
}
