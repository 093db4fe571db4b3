using System.Text.Json;
using Aegis.Gate;
using Aegis.Gate.Peers;

namespace Aegis.Server.Tests.Mcp.Conformance;

/// <summary>The scenarios' tools that ask their caller something: in a session while they run, on the
/// stateless wire from round to round.</summary>
internal static class ScenarioQuestions
{
    private const string Defaults = """
        {"type":"object","properties":{
          "name":{"type":"string","description":"User name","default":"John Doe"},
          "age":{"type":"integer","description":"User age","default":30},
          "score":{"type":"number","description":"User score","default":95.5},
          "status":{"type":"string","description":"User status","enum":["active","inactive","pending"],
            "default":"active"},
          "verified":{"type":"boolean","description":"Verification status","default":true}},
        "required":[]}
        """;

    private const string Enums = """
        {"type":"object","properties":{
          "untitledSingle":{"type":"string","enum":["option1","option2","option3"]},
          "titledSingle":{"type":"string","oneOf":[{"const":"value1","title":"First Option"},
            {"const":"value2","title":"Second Option"},{"const":"value3","title":"Third Option"}]},
          "legacyEnum":{"type":"string","enum":["opt1","opt2","opt3"],
            "enumNames":["Option One","Option Two","Option Three"]},
          "untitledMulti":{"type":"array","minItems":1,"maxItems":3,
            "items":{"type":"string","enum":["option1","option2","option3"]}},
          "titledMulti":{"type":"array","minItems":1,"maxItems":3,
            "items":{"anyOf":[{"const":"value1","title":"First Choice"},
            {"const":"value2","title":"Second Choice"},{"const":"value3","title":"Third Choice"}]}}},
        "required":[]}
        """;

    private static readonly JsonElement Name = ScenarioTools.Schema("name", "string");
    private static readonly PeerRequest.Roots Folders = new("client_roots");
    private static readonly PeerRequest.Form UserName = new("user_name", "What is your name?", Name);

    private static readonly PeerRequest.Sample Capital =
        new("capital_question", "What is the capital of France?", 100);

    public static IEnumerable<Tool> All =>
    [
        new ScenarioTool("test_sampling", "Asks the client's model", Text("prompt"),
            (input, execution, cancel) => AskAsync(execution, cancel, new PeerRequest.Sample(
                "sample", input.GetProperty("prompt").GetString()!, 100))),
        new ScenarioTool("test_missing_capability", "Asks the client's model", ScenarioTool.NoInput,
            (_, execution, cancel) => AskAsync(execution, cancel, Capital)),
        new ScenarioTool("test_elicitation", "Asks the person", Text("message"),
            (input, execution, cancel) => AskAsync(execution, cancel, new PeerRequest.Form("form",
                input.GetProperty("message").GetString()!, ScenarioTools.Schema("response", "string")))),
        Asking("elicitation_sep1034_defaults",
            new PeerRequest.Form("form", "Please review the defaults", JsonElement.Parse(Defaults))),
        Asking("elicitation_sep1330_enums",
            new PeerRequest.Form("form", "Please select options", JsonElement.Parse(Enums))),
        Asking("input_required_result_elicitation", UserName),
        Asking("input_required_result_sampling", Capital),
        Asking("input_required_result_list_roots", Folders),
        Asking("input_required_result_tampered_state", UserName),
        Asking("input_required_result_multiple_inputs", UserName, Capital, Folders),
        new ScenarioTool("test_input_required_result_request_state", "Asks once", ScenarioTool.NoInput,
            async (_, execution, cancel) =>
            {
                await execution.Peer.AskAsync(
                    [new PeerRequest.Form("confirm", "Please confirm", Name)], cancel);
                return ScenarioTool.Words("state-ok");
            }),
        new ScenarioTool("test_input_required_result_multi_round", "Asks twice", ScenarioTool.NoInput,
            async (_, execution, cancel) =>
            {
                await execution.Peer.AskAsync([new PeerRequest.Form("step1", "Your name?", Name)], cancel);
                return await AskAsync(execution, cancel, new PeerRequest.Form("step2", "Again?", Name));
            }),
        new ScenarioTool("test_input_required_result_capabilities", "Asks whom it can",
            ScenarioTool.NoInput, (_, execution, cancel) => AskAsync(execution, cancel,
            [
                .. execution.Peer.Can.HasFlag(PeerAbilities.Form) ? (PeerRequest[])[UserName] : [],
                .. execution.Peer.Can.HasFlag(PeerAbilities.Sample) ? (PeerRequest[])[Capital] : [],
            ])),
    ];

    private static ScenarioTool Asking(string name, params PeerRequest[] requests) => new($"test_{name}",
        "Asks its caller", ScenarioTool.NoInput,
        (_, execution, cancel) => AskAsync(execution, cancel, requests));

    private static async ValueTask<ToolResult> AskAsync(
        Execution execution, CancellationToken cancel, params PeerRequest[] requests)
    {
        var replies = await execution.Peer.AskAsync(requests, cancel);
        return ScenarioTool.Words("Answers: " + string.Join("; ", replies.Select(r =>
            $"{r.Key}: action={(r.Value.Accepted ? "accept" : "decline")}, "
            + $"content={r.Value.Content?.GetRawText() ?? r.Value.Text}")));
    }

    private static string Text(string member) => ScenarioTools.Schema(member, "string").GetRawText();
}
