using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;
using Aegis.Core.Rehearsals;
using Aegis.Core.Tests.Plans;

namespace Aegis.Core.Tests.Rehearsals;

/// <summary>What the schema for editors accepts the parser accepts, and the other way round.</summary>
public sealed class RehearsalSchemaTests
{
    private const string Turn = "origin: scripted\nturns: [{cost_usd: 0, ";
    private const string Fault = "origin: scripted\nfaults: [{";
    private static readonly JsonElement Schema = JsonElement.Parse(Text("rehearsal.schema.json"));

    [Fact]
    public void Examples_AreAcceptedByBoth()
    {
        Both(true, Text("faults.yaml"));
        var examples = Text("rehearsals.md").Split("```yaml\n").Skip(1).Select(part => part.Split("```")[0])
            .ToList();
        Assert.Equal(3, examples.Count);
        Assert.All(examples, example => Both(true, example));
    }

    [Fact]
    public void Written_IsAcceptedByBoth()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            Both(true, RehearsalWriter.Write(new RehearsalMaker(new(seed)).File()));
        }
    }

    [Theory]
    [InlineData("origin: scripted", true)]
    [InlineData("origin: recorded\nmode: strict\nturns: []", true)]
    [InlineData("turns: []", false)]
    [InlineData("origin: live", false)]
    [InlineData("origin: scripted\nmode: loose", false)]
    [InlineData(Turn + "reply: x}]", true)]
    [InlineData("origin: scripted\nturns: [{reply: x}]", false)]
    [InlineData(Turn + "role: x}]", false)]
    [InlineData(Turn + "reply: x, answer: {content: x}}]", false)]
    [InlineData(Turn + "reply: x, turn: 0}]", false)]
    [InlineData(Turn + "reply: x, turn: 10000}]", true)]
    [InlineData(Turn + "reply: x, turn: 10001}]", false)]
    [InlineData(Turn + "reply: x, path: images}]", false)]
    [InlineData(Turn + "reply: x, match: {}}]", false)]
    [InlineData(Turn + "reply: x, match: {equals: a, contains: a}}]", false)]
    [InlineData(Turn + "reply: x, input_tokens: 100000000}]", true)]
    [InlineData(Turn + "reply: x, input_tokens: 100000001}]", false)]
    [InlineData(Turn + "reply: x, request: {}}]", false)]
    [InlineData(Turn + "reply: x, request: {messages: []}}]", true)]
    [InlineData(Turn + "reply: x, path: transcriptions, request: {file: sha256}}]", true)]
    [InlineData(Turn + "reply: x, path: transcriptions, request: [1]}]", false)]
    [InlineData(Turn + "reply: x, request: {messages: [], max_tokens: 10000000}}]", true)]
    [InlineData(Turn + "reply: x, request: {messages: [], max_tokens: 10000001}}]", false)]
    [InlineData(Turn + "reply: x, request: {messages: [], temperature: 2.1}}]", false)]
    [InlineData(Turn + "reply: x, request: {messages: [{role: user}]}}]", false)]
    [InlineData(Turn + "reply: x, request: {messages: [{role: tool, content: x}]}}]", false)]
    [InlineData(Turn + "reply: x, request: {messages: [{role: user, content: [{}]}]}}]", false)]
    [InlineData(Turn + "reply: x, request: {messages: [{role: user, content: [{text: a, image: b}]}]}}]",
        false)]
    [InlineData(Turn + "answer: {}}]", false)]
    [InlineData(Turn + "answer: {content: [{call: {id: x}}]}}]", false)]
    [InlineData(Turn + "answer: {content: x, finish: never}}]", false)]
    [InlineData(Turn + "answer: {content: x, sent: {}}}]", false)]
    [InlineData(Turn + "answer: {sent: {body: x, protocol: http}}}]", false)]
    [InlineData(Fault + "}]", false)]
    [InlineData(Fault + "status: 300}]", true)]
    [InlineData(Fault + "status: 299}]", false)]
    [InlineData(Fault + "status: 600}]", false)]
    [InlineData(Fault + "status: 429, retry_after: 3600}]", true)]
    [InlineData(Fault + "status: 429, retry_after: 3601}]", false)]
    [InlineData(Fault + "status: 429, timeout: true}]", false)]
    [InlineData(Fault + "timeout: false}]", false)]
    [InlineData(Fault + "truncate_after: 1 event}]", true)]
    [InlineData(Fault + "truncate_after: 1}]", false)]
    [InlineData(Fault + "truncate_after: 10000000 bytes}]", true)]
    [InlineData(Fault + "truncate_after: 100000000 bytes}]", false)]
    [InlineData(Fault + "garbage: rubbish}]", false)]
    [InlineData(Fault + "slow: {}}]", false)]
    [InlineData(Fault + "slow: {first_ms: 3600000}}]", true)]
    [InlineData(Fault + "slow: {first_ms: 3600001}}]", false)]
    [InlineData(Fault + "timeout: true, at: {try: 100}}]", true)]
    [InlineData(Fault + "timeout: true, at: {try: 101}}]", false)]
    [InlineData(Fault + "timeout: true, at: {try: [1, 101]}}]", false)]
    [InlineData(Fault + "timeout: true, at: {when: now}}]", false)]
    public void File_IsJudgedAlikeByBoth(string yaml, bool isSound) => Both(isSound, yaml);

    [Theory]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public void Names_HaveTheSameBound(int chars, bool isSound) =>
        Both(isSound, $"{Turn}answer: {{content: x, model: {new string('m', chars)}}}}}]");

    private static void Both(bool isSound, string yaml)
    {
        var errors = RehearsalFile.Parse(yaml, "r").Errors;
        Assert.True(errors.IsEmpty == isSound, $"{errors.FirstOrDefault()?.Error}: {yaml}");
        var json = YamlJson.Of(YamlSource.Load(yaml, "r", int.MaxValue, new List<Diagnostic>())!)!;
        Assert.True(MiniSchema.Accepts(Schema, Schema, JsonElement.Parse(json.ToJsonString())) == isSound,
            yaml);
    }

    private static string Text(string name) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Rehearsals", name));
}
