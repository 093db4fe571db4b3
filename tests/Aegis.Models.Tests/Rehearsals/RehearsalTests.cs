using Aegis.Core.Errors;
using Aegis.Core.Profiles;
using Aegis.Core.Rehearsals;

namespace Aegis.Models.Tests;

public sealed class RehearsalTests : IDisposable
{
    private const string Script = """
        origin: scripted
        turns:
          - match: {contains: "Resume issue"}
            reply: the plan
            input_tokens: 12
            output_tokens: 3
            cost_usd: 0.25
          - role: builder
            turn: 2
            match: {equals: "Mend   the\n test"}
            reply: mended
            cost_usd: 0
          - {role: builder, turn: 3, reply: anything, cost_usd: 0}
        """;

    private static readonly RehearsalFile File = RehearsalFile.Parse(Script, "r.yaml").Value!;
    private static readonly Profile Named = Profile.Empty with { Rehearsal = "r.yaml" };
    private readonly ModelDoor _door = new(_ => null);

    public void Dispose() => _door.Dispose();

    [Fact]
    public async Task ChatAsync_RehearsedPrompt_GivesItsReplyCostAndOrigin()
    {
        var reply = await _door.ChatAsync(Named, File,
            Ask("please  Resume\n issue y plan") with { Provider = "blackbox", Model = "o3-mini" }, 0.25m,
                default);
        Assert.Equal(new ModelReply("the plan", "blackbox", "o3-mini", "scripted", 12, 3, 0.25m), reply);
    }

    [Fact]
    public async Task ChatAsync_ByRoleAndTurn_MatchesTheNormalisedPrompt()
    {
        var second = Ask(" Mend the test\n") with { Role = "builder", Turn = 2 };
        Assert.Equal("mended", (await _door.ChatAsync(Named, File, second, null, default)).Text);
        var third = Ask("whatever") with { Role = "builder", Turn = 3 };
        Assert.Equal("anything", (await _door.ChatAsync(Named, File, third, null, default)).Text);
    }

    [Fact]
    public async Task ChatAsync_OtherPrompt_ShowsTheDifference()
    {
        var error = await Refused(Ask("Mend the tests") with { Role = "builder", Turn = 2 });
        Assert.Equal("AEGIS2332", error.Code);
        Assert.Equal("at character 14 of the prompt \"\"", error.Expected);
        Assert.Equal("\"s\"", error.Got);
        error = await Refused(Ask("Something else"));
        Assert.Equal("a prompt that contains \"Resume issue\"", error.Expected);
        Assert.Equal("\"Something else\"", error.Got);
    }

    [Fact]
    public async Task ChatAsync_OtherPlace_NamesTheRehearsedOnes()
    {
        var error = await Refused(Ask("x") with { Turn = 9 });
        Assert.Equal(("AEGIS2331", "one of: user 1, builder 2, builder 3", "user 9"),
            (error.Code, error.Expected, error.Got));
    }

    [Fact]
    public async Task ChatAsync_CostAtTheBudgetAndPast()
    {
        Assert.Equal(0.25m, (await _door.ChatAsync(Named, File, Ask("Resume issue"), 0.25m, default))
            .CostUsd);
        var error = await Refused(Ask("Resume issue"), 0.24m);
        Assert.Equal(("AEGIS2341", "at most 0.24 USD", "0.25 USD"), (error.Code, error.Expected, error.Got));
    }

    [Fact]
    public async Task ChatAsync_NamedButNotLoadedOrLoadedButNotNamed_IsRefused()
    {
        var missing = await Assert.ThrowsAsync<AegisException>(async () =>
            await _door.ChatAsync(Named, null, Ask("x"), null, default));
        Assert.Equal("AEGIS2330", missing.Error.Code);
        var provider = new ModelProvider("a", new Uri("http://127.0.0.1:1/v1"), null,
            System.Collections.Immutable.ImmutableSortedDictionary<string, TokenPrice>.Empty);
        var unasked = await Assert.ThrowsAsync<AegisException>(async () => await _door.ChatAsync(
            Profile.Empty with { Providers = Profile.Empty.Providers.Add("a", provider) }, File,
            Ask("Resume issue") with { Model = "m" }, null, default));
        Assert.Equal("AEGIS2333", unasked.Error.Code);
    }

    [Theory]
    [InlineData("", "AEGIS2315")]
    [InlineData("origin: invented\nturns: []", "AEGIS2314")]
    [InlineData("origin: scripted\nturns: [{reply: x}]", "AEGIS2315")]
    [InlineData("origin: scripted\nturns: [{cost_usd: 1}]", "AEGIS2315")]
    [InlineData("origin: scripted\nturns: [{reply: x, cost_usd: -1}]", "AEGIS2314")]
    [InlineData("origin: scripted\nturns: [{reply: x, cost_usd: 0, match: {}}]", "AEGIS2314")]
    [InlineData("origin: scripted\nturns: [{reply: x, cost_usd: 0, match: {contains: a, equals: a}}]",
        "AEGIS2314")]
    [InlineData("origin: scripted\nturns: [{reply: x, cost_usd: 0, turns: 1}]", "AEGIS2313")]
    public void Parse_WrongFile_IsRefused(string text, string code) =>
        Assert.Contains(RehearsalFile.Parse(text, "r.yaml").Errors, e => e.Error.Code == code);

    private static ModelRequest Ask(string prompt) => new([new("system", "be brief"), new("user", prompt)]);

    private async Task<AegisError> Refused(ModelRequest request, decimal? left = null) =>
        (await Assert.ThrowsAsync<AegisException>(async () =>
            await _door.ChatAsync(Named, File, request, left, default))).Error;
}
