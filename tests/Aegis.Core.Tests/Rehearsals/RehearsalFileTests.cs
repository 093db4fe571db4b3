using Aegis.Core.Rehearsals;

namespace Aegis.Core.Tests.Rehearsals;

/// <summary>Every error of a file comes at once, with its place; and every bound holds.</summary>
public sealed class RehearsalFileTests
{
    [Fact]
    public void Parse_WrongFile_ReportsEveryErrorAtItsPlace()
    {
        var errors = RehearsalFile.Parse("""
            origin: invented
            mode: loose
            turns:
              - role: builder
                request:
                  messages: [{role: robot, content: [{video: x}]}]
                  tool_choice: sometimes
                  format: xml
                  temperature: 3
                answer:
                  content: ok
                  finish: soon
                  usage: {input: -1, inputs: 1}
                  sent: {protocol: http}
                reply: twice
              - {reply: x, cost_usd: 0, path: embeddings}
            faults:
              - {status: 200}
              - {status: 429, timeout: true}
              - {at: {try: 0}, timeout: false}
              - {truncate_after: 2 words}
              - {garbage: noise, retry_after: 1}
              - {slow: {}}
              - {at: {turns: 1}}
            """, "r.yaml").Errors;
        Assert.Equal("""
            1:9 AEGIS2314 origin
            2:7 AEGIS2314 the rehearsal.mode
            4:5 AEGIS2315 turns lacks cost_usd
            6:25 AEGIS2314 turns.request.messages.role
            6:43 AEGIS2314 turns.request.messages.content
            7:20 AEGIS2314 turns.request.tool_choice
            8:15 AEGIS2314 turns.request.format
            9:20 AEGIS2314 turns.request.temperature
            12:15 AEGIS2314 turns.answer.finish
            13:22 AEGIS2314 turns.answer.usage.input
            13:26 AEGIS2313 unknown key inputs
            14:13 AEGIS2315 turns.answer.sent lacks body
            14:24 AEGIS2314 turns.answer.sent.protocol
            15:12 AEGIS2314 turns.reply
            16:13 AEGIS2314 turns.reply
            18:14 AEGIS2314 faults.status
            19:5 AEGIS2314 faults
            20:16 AEGIS2314 faults.at.try
            20:29 AEGIS2314 faults.timeout
            21:22 AEGIS2314 faults.truncate_after
            22:15 AEGIS2314 faults.garbage
            22:35 AEGIS2314 faults.retry_after
            23:12 AEGIS2314 faults.slow
            24:5 AEGIS2314 faults
            """, string.Join('\n', errors.OrderBy(error => error.At.Line).ThenBy(error => error.At.Column)
            .Select(error => $"{error.At.Line}:{error.At.Column} {error.Error.Code} "
                + error.Error.Message.Replace(" has the wrong kind of value", "").Split(" in ")[0])));
    }

    [Fact]
    public void Parse_Strict_NeedsTheRequestOfEveryTurn()
    {
        const string Turn = "{reply: x, cost_usd: 0}";
        Assert.True(RehearsalFile.Parse($"origin: scripted\nturns: [{Turn}]", "r").Ok);
        var error = Assert.Single(RehearsalFile.Parse($"origin: scripted\nmode: strict\nturns: [{Turn}]", "r")
            .Errors);
        Assert.Equal("turns lacks request", error.Error.Message);
    }

    [Fact]
    public void Parse_ShortForms_AreWhatTheLongOnesAre()
    {
        var turn = RehearsalFile.Parse("""
            origin: scripted
            turns:
              - request:
                  system: [one, two]
                  messages:
                    - {role: user, content: hi}
                    - {role: assistant, content: [{call: {id: c, name: look, arguments: {at: [1, true]}}}]}
                    - role: user
                      content: [{result: {of: c, content: red}}, {image: "https://a.example/b.png"}]
                  tool_choice: {name: look}
                  parallel_tools: false
                  format: json
                  rest: {seed: 7, logit_bias: '{"5": 1}'}
                answer: {content: [{reasoning: hm}, text, {call: {id: d, name: look}}]}
                cost_usd: 0
            """, "r").Value!.Turns[0];
        Assert.Equal(
        [
            "system[0]=one", "system[1]=two", "messages[0].role=user", "messages[0].content[0].text=hi",
            "messages[1].role=assistant", "messages[1].content[0].call.id=c",
            "messages[1].content[0].call.name=look",
            """messages[1].content[0].call.arguments={"at":[1,true]}""",
            "messages[2].role=user", "messages[2].content[0].result.of=c",
            "messages[2].content[0].result.content[0].text=red",
            "messages[2].content[1].image=https://a.example/b.png", "tool_choice=look",
            "tool_choice.parallel=false", "format=json", """rest.logit_bias={"5": 1}""", "rest.seed=7",
        ], RequestLines.Of(turn.Request!).Select(line => $"{line.Place}={line.Text.Text}"));
        Assert.Equal("hi", turn.Request!.Prompt);
        Assert.Equal(RehearsedFinish.ToolCalls, turn.Answer.Finish);
        Assert.Equal("text", turn.Answer.Text);
    }

    [Fact]
    public void Bounds_HoldAtTheLimitAndNotPastIt()
    {
        const string Turn = "{reply: x, cost_usd: 0}";
        Bound(n => $"origin: scripted\nturns: [{Many(Turn, n)}]", RehearsalFile.TurnsMax);
        Bound(n => $"origin: scripted\nturns: [{Turn}]\nfaults: [{Many("{timeout: true}", n)}]",
            RehearsalFile.FaultsMax);
        Bound(n =>
            $"origin: scripted\nturns: [{{reply: x, cost_usd: 0, faults: [{Many("{timeout: true}", n)}]}}]",
            RehearsalFile.FaultsMax);
        Bound(n => $"origin: scripted\nturns: [{{reply: {new string('x', n)}, cost_usd: 0}}]",
            RehearsalFile.ReplyCharsMax);
        Bound(n => $"origin: scripted\nturns: [{{answer: {{content: {new string('x', n)}}}, cost_usd: 0}}]",
            RehearsalFile.ReplyCharsMax);
        Bound(n => $"origin: scripted\nturns: [{{answer: {{content: [{Many("x", n)}]}}, cost_usd: 0}}]",
            1_000);
        Bound(n => $"origin: scripted\nfaults: [{{silent_after: {n} bytes}}]", 10_000_000);
        Bound(n => "origin: scripted\nturns: []\n#" + new string(' ', n - 28), RehearsalFile.CharsMax);
    }

    [Fact]
    public void Short_OfALongText_KeepsItsBeginningAndFitsItAlone()
    {
        var whole = new RehearsedText(new string('a', RehearsedText.WholeCharsMax));
        Assert.Equal(whole, whole.Short());
        var longer = new RehearsedText(whole.Text + "b");
        var text = longer.Short();
        Assert.Equal((1_000, 64), (text.Text.Length, text.Sha256!.Length));
        Assert.True(text.Fits(longer.Text));
        Assert.False(text.Fits(longer.Text + "c"));
        // half a character is none
        var faces = new RehearsedText(new string('a', 999) + string.Concat(Enumerable.Repeat("😀", 20_000)));
        Assert.Equal(999, faces.Short().Text.Length);
    }

    private static string Many(string item, int count) => string.Join(", ", Enumerable.Repeat(item, count));

    private static void Bound(Func<int, string> file, int most)
    {
        Assert.Empty(RehearsalFile.Parse(file(most), "r").Errors);
        Assert.Single(RehearsalFile.Parse(file(most + 1), "r").Errors);
    }
}
