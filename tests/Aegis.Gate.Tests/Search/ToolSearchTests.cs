using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Gate.Search;

namespace Aegis.Gate.Tests.Search;

public sealed class ToolSearchTests
{
    private static readonly Named[] Tools =
    [
        new("file.read", "Reads a file of the workspace."),
        new("file.write", "Writes a file."),
        new("git.status", "Which files of a work tree have changed."),
        new("http.fetch", "Gets an address."),
        new("tests.run", "Runs the test suites and reads their reports."),
    ];

    [Theory]
    [InlineData("read a file", "file.read")]
    [InlineData("FILES changed", "git.status")]
    [InlineData("run tests", "tests.run")]
    [InlineData("fetch", "http.fetch")]
    public void Rank_WordsOfATool_FindItFirst(string query, string first) =>
        Assert.Equal(first, ToolSearch.Rank(Tools, query, 10)[0].Tool.Descriptor.Name);

    [Fact]
    public void Rank_AnyOrderOfTheTools_GivesTheSameOrder()
    {
        var twins = Enumerable.Range(0, 20).Select(i => new Named($"x.t{i:00}", "the same words")).ToArray();
        var wanted = twins.Select(t => t.Descriptor.Name).Take(7).ToList();
        var chance = new Random(7);
        for (var i = 0; i < 50; i++)
        {
            chance.Shuffle(twins);
            Assert.Equal(wanted, [.. ToolSearch.Rank(twins, "same words", 7)
                .Select(h => h.Tool.Descriptor.Name)]);
        }
    }

    [Fact]
    public void Rank_NothingInCommon_FindsNothing()
    {
        Assert.Empty(ToolSearch.Rank(Tools, "zebra", 10));
        Assert.Empty(ToolSearch.Rank(Tools, "? !", 10));
        Assert.Empty(ToolSearch.Rank([], "file", 10));
    }

    [Fact]
    public void Rank_MoreWordsThanAreRead_ReadsTheFirstOnes()
    {
        var filler = string.Join(' ', Enumerable.Range(0, ToolSearch.WordsMax).Select(i => $"w{i}"));
        Assert.Empty(ToolSearch.Rank(Tools, $"{filler} fetch", 10));
        var room = filler[..filler.LastIndexOf(' ')];
        Assert.Single(ToolSearch.Rank(Tools, $"{room} fetch", 10));
    }

    private sealed class Named(string name, string description) : Tool
    {
        public override ToolDescriptor Descriptor { get; } =
            new(name, "tools:x", ToolEffect.Pure, description);

        public override Type InputType => typeof(object);

        public override JsonElement? OwnSchema { get; } = JsonElement.Parse("""{"type":"object"}""");

        public override AegisError? Check(JsonElement input) => null;

        public override ValueTask<ToolResult> InvokeAsync(
            JsonElement input, Execution execution, CancellationToken cancel) =>
            throw new NotSupportedException("only searched");
    }
}
