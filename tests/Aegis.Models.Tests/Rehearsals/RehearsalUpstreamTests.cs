using Aegis.Core.Budgets;
using Aegis.Models.Calls;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Models.Rehearsals;
using Aegis.Models.Upstreams;

namespace Aegis.Models.Tests.Rehearsals;

/// <summary>Which turn answers a call, and what is said where none does.</summary>
public sealed class RehearsalUpstreamTests
{
    private const string Strict = """
        origin: recorded
        mode: strict
        turns:
          - request:
              system: Be brief.
              messages: [{role: user, content: "Mend the test, please."}]
            answer: {content: mended}
            cost_usd: 0
          - request:
              system: Be brief.
              messages:
                - {role: user, content: "Mend the test, please."}
                - {role: assistant, content: mended}
                - {role: user, content: Thanks.}
              tools: [{name: look, description: Looks., parameters: {type: object, properties: {at: {}}}}]
              temperature: 0.5
            answer: {content: Welcome.}
            cost_usd: 0
        """;

    private static readonly ChatCall Asked = new()
    {
        Model = "m",
        System = [new("Be brief.")],
        Messages = [new(ChatRole.User, [new TextPart("Mend the test, please.")])],
    };

    private static readonly ChatCall Thanked = Asked with
    {
        Messages = [.. Asked.Messages, new(ChatRole.Assistant, [new TextPart("mended")]),
            new(ChatRole.User, [new TextPart("Thanks.")])],
        Tools = [new("look", "Looks.", """{"properties": {"at": {}}, "type": "object"}""")],
        Temperature = 0.5,
    };

    [Theory]
    [InlineData(WireProtocol.OpenAi)]
    [InlineData(WireProtocol.Anthropic)]
    public async Task Strict_WhatWasRehearsed_IsAnswered(WireProtocol protocol)
    {
        // what a budget, a router or another client would say otherwise is not compared
        Assert.Equal("mended", await SayAsync(Strict, Asked, protocol));
        Assert.Equal("mended", await SayAsync(Strict, Asked with
        {
            Model = "another", MaxTokens = 7, Temperature = 0.9, User = "ann",
        }, protocol));
        Assert.Equal("Welcome.", await SayAsync(Strict, Thanked, protocol));
    }

    [Fact]
    public async Task Strict_OtherRequest_ShowsTheFirstDifference()
    {
        await DiffersAsync(Asked with { System = [new("Be rude.")] }, "user 1, at system[0] at character 4",
            "\"brief.\"", "\"rude.\"");
        await DiffersAsync(Asked with { System = [] }, "user 1, at messages[0].role",
            "system[0] \"Be brief.\"", "messages[0].role \"user\"");
        await DiffersAsync(Asked with { Stop = ["x"] }, "user 1, at stop[0]", "nothing more",
            "stop[0] \"x\"");
        await DiffersAsync(Thanked with { Temperature = 0.4 }, "user 1, at temperature at character 3",
            "\"5\"",
            "\"4\"");
        await DiffersAsync(Thanked with { Tools = [] }, "user 1, at temperature", "tools[0].name \"look\"",
            "temperature \"0.5\"");
        await DiffersAsync(Thanked with { Messages = Thanked.Messages.RemoveAt(2) },
            "user 1, at tools[0].name", "messages[2].role \"user\"", "tools[0].name \"look\"");
        await DiffersAsync(Asked with { Rest = [new("seed", "1")] }, "user 1, at rest.seed", "nothing more",
            "rest.seed \"1\"");
    }

    [Fact]
    public async Task Strict_WhatIsMasked_StandsForAnything()
    {
        const string Masked = """
            origin: recorded
            mode: strict
            turns:
              - request: {messages: [{role: user, content: "key *** and *** end"}]}
                answer: {content: ok}
                cost_usd: 0
            """;
        Assert.Equal("ok", await SayAsync(Masked, User("key abc and d end")));
        foreach (var other in (string[])["key abc and  end.", "key  and x end", "kay a and b end",
            "key a end"])
        {
            Assert.StartsWith("AEGIS2334", await SayAsync(Masked, User(other)));
        }
    }

    [Fact]
    public async Task Strict_LongText_IsHeldAgainstItsHash()
    {
        var text = new string('a', 20_000);
        var hash = Core.Rehearsals.RehearsedText.HashOf(System.Text.Encoding.UTF8.GetBytes(text));
        var file = $$"""
            origin: recorded
            mode: strict
            turns:
              - request:
                  messages:
                    - role: user
                      content: [{ text: { excerpt: aaa, sha256: {{hash}} } }]
                answer: {content: ok}
                cost_usd: 0
            """;
        Assert.Equal("ok", await SayAsync(file, User(text)));
        var other = await SayAsync(file, User(text[1..] + "b"));
        Assert.Contains("behind its first 3 characters", other);
    }

    [Fact]
    public async Task Turns_WithoutATurn_AreFoundByPromptAndPlaceInTheConversation()
    {
        const string Script = """
            origin: scripted
            turns:
              - {turn: 1, answer: {content: [{call: {id: c1, name: look, arguments: {at: a}}}]}, cost_usd: 0}
              - {turn: 2, reply: seen, cost_usd: 0}
              - {turn: 3, match: {contains: bye}, reply: farewell, cost_usd: 0}
            """;
        var first = User("look at a");
        Assert.Equal("look {\"at\":\"a\"}", await SayAsync(Script, first));
        var second = first with
        {
            Messages = [.. first.Messages, new(ChatRole.Assistant, [new ToolCallPart("c1", "look", "{}")]),
                new(ChatRole.User, [new ToolResultPart("c1", [new TextPart("it is red")])])],
        };
        Assert.Equal("seen", await SayAsync(Script, second));
        Assert.Equal("look {\"at\":\"a\"}", await SayAsync(Script, User("bye")));
    }

    [Fact]
    public async Task Turns_AnotherRole_IsNotRehearsed()
    {
        const string Script = """
            origin: scripted
            turns: [{role: builder, turn: 2, reply: built, cost_usd: 0}]
            """;
        Assert.Equal("built", await SayAsync(Script, User("x"), role: "builder"));
        Assert.Equal("built", await SayAsync(Script, User("x"), role: "builder", turn: 2));
        Assert.StartsWith("AEGIS2331", await SayAsync(Script, User("x"), role: "builder", turn: 1));
        Assert.StartsWith("AEGIS2331", await SayAsync(Script, User("x")));
    }

    [Fact]
    public async Task NotRehearsed_IsAFailureThatNoOtherProviderIsAskedFor()
    {
        var (_, failure) = await Rehearsed.AskAsync(Rehearsed.Open(Strict),
            Rehearsed.Target(WireProtocol.OpenAi),
            Rehearsed.Chat(false, "hello"));
        Assert.Equal(UpstreamFailureKind.Refused, failure!.Kind);
        Assert.Equal((400, "AEGIS2334"), (failure.Said!.Status, failure.Said.Code));
        Assert.Equal("AEGIS2334", failure.ToException("house", default).Error.Code);
        Assert.Contains("expected ", failure.Said.Message);
    }

    [Fact]
    public async Task BrokenCall_IsRefusedAsAProviderWould()
    {
        var (_, failure) = await Rehearsed.AskAsync(Rehearsed.Open(Strict),
            Rehearsed.Target(WireProtocol.OpenAi),
            "{"u8.ToArray());
        Assert.Equal(("AEGIS2386", UpstreamFailureKind.Refused), (failure!.Own!.Code, failure.Kind));
    }

    [Fact]
    public async Task ModelsAndStores_AreNotThere()
    {
        foreach (var path in (UpstreamPath[])[UpstreamPath.Models, UpstreamPath.CachedContents])
        {
            var (_, failure) = await Rehearsed.AskAsync(Rehearsed.Open(Strict),
                Rehearsed.Target(WireProtocol.OpenAi), [], path);
            Assert.Equal(UpstreamFailureKind.NotFound, failure!.Kind);
        }
    }

    [Fact]
    public async Task EditedAnswer_ComesBeforeWhatWasSent()
    {
        const string File = """
            origin: recorded
            turns:
              - answer:
                  content: SAID
                  sent:
                    body: '{"id":"c","object":"chat.completion","created":1,"model":"m",
                      "system_fingerprint":"fp","choices":[{"index":0,"finish_reason":"stop",
                      "message":{"role":"assistant","content":"hello"}}]}'
                cost_usd: 0
            """;
        var target = Rehearsed.Target(WireProtocol.OpenAi);
        foreach (var (said, isAsSent) in new[] { ("hello", true), ("hullo", false) })
        {
            var (body, _) = await Rehearsed.AskAsync(Rehearsed.Open(File.Replace("SAID", said)), target,
                Rehearsed.Chat(false, "hi"));
            Assert.Equal(said, Rehearsed.Answer(body!, WireProtocol.OpenAi).Text);
            Assert.Equal(isAsSent, System.Text.Encoding.UTF8.GetString(body!).Contains("system_fingerprint"));
        }
    }

    [Fact]
    public async Task ReplyToASound_IsItsText()
    {
        const string Form = "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nw-1\r\n"
            + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\nla\r\n"
            + "--b--\r\n";
        var (body, _) = await Rehearsed.AskAsync(Rehearsed.Open("""
            origin: scripted
            turns: [{path: transcriptions, reply: La la., input_tokens: 5, cost_usd: 0}]
            """), Rehearsed.Target(WireProtocol.OpenAi), System.Text.Encoding.UTF8.GetBytes(Form),
            UpstreamPath.Transcriptions, "multipart/form-data; boundary=b");
        using var json = System.Text.Json.JsonDocument.Parse(body!);
        Assert.Equal("La la.", json.RootElement.GetProperty("text").GetString());
        Assert.Equal(5, json.RootElement.GetProperty("usage").GetProperty("input_tokens").GetInt32());
    }

    [Fact]
    public void Priced_BeforeItIsAsked_IsThatOfTheTurn_AndNothingForWhatWasNotRehearsed()
    {
        var file = Rehearsed.File("""
            origin: scripted
            turns:
              - {match: {contains: dear}, reply: x, input_tokens: 5, output_tokens: 2, cost_usd: 2.5}
              - {match: {contains: cheap}, reply: x, cost_usd: 0}
            """);
        Assert.Equal((CallCost[])[new(2.5m, 7), new(0, 0), new(0, 0)],
            new[] { "dear", "cheap", "other" }.Select(said =>
        {
            var body = Rehearsed.Chat(false, said);
            return RehearsalUpstream.Open(file, new ModelCall(WireProtocol.OpenAi, AnswerKind.Chat, body, "m")
            {
                Outline = CallOutline.Read(body),
            }, TimeProvider.System).Priced!.Value;
        }));
    }

    private static ChatCall User(string text) => new()
    {
        Model = "m",
        Messages = [new(ChatRole.User, [new TextPart(text)])],
    };

    private static async Task DiffersAsync(ChatCall call, string place, string expected, string got)
    {
        var (_, failure) = await Rehearsed.AskAsync(Rehearsed.Open(Strict),
            Rehearsed.Target(WireProtocol.OpenAi),
            ChatTranslation.WriteCall(call, WireProtocol.OpenAi, new()));
        var error = failure!.Own!;
        Assert.Equal(("AEGIS2334", $"the request was not rehearsed: it differs from the nearest one, {place}",
            expected, got), (error.Code, error.Message, error.Expected, error.Got));
    }

    /// <summary>The answer's text or tool call, or the error's code and words.</summary>
    private static async Task<string> SayAsync(string yaml, ChatCall call,
        WireProtocol protocol = WireProtocol.OpenAi, string? role = null, int? turn = null)
    {
        var (body, failure) = await Rehearsed.AskAsync(Rehearsed.Open(yaml, role, turn),
            Rehearsed.Target(protocol), ChatTranslation.WriteCall(call, protocol, new()));
        if (failure is not null)
        {
            return failure.Own!.ToString();
        }
        var answer = Rehearsed.Answer(body!, protocol);
        return answer.Parts is [ToolCallPart tool] ? $"{tool.Name} {tool.Arguments}" : answer.Text;
    }
}
