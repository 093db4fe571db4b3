using System.Runtime.CompilerServices;
using Aegis.Agents.Tests.Support;
using Aegis.Core.Profiles;
using Aegis.Core.Runs.Events;
using Aegis.Tests.Shared;

namespace Aegis.Agents.Tests;

/// <summary>The example of docs/agents.md, as it stands.</summary>
public sealed class SampleTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private readonly string home = Directory.CreateTempSubdirectory("aegis-agents-").FullName;

    [Fact]
    public async Task Sample_WritesAFunctionAndItsTest_WhichPasses()
    {
        await using var room = await AgentRoom.StartAsync(ledger, await AgentRoom.ProjectAsync(ledger,
            Text("samples/agents/first/profile.yaml"),
            ("rehearsal.yaml", Text("samples/agents/first/rehearsal.yaml"))), home);
        var run = await room.StartRunAsync(
            Text("samples/agents/first/workflow.yaml"), new { task = "Write add(a, b) in Python." });
        Assert.Equal("PlanCompleted", await room.EndAsync(run));
        var outputs = (await room.FactsAsync(run)).OfType<PlanCompleted>().Single().Outputs!.Value;
        Assert.Equal("""{"summary":"add() is there, with a test.","turns":3,"origin":"scripted"}""",
            outputs.GetRawText());
    }

    [Fact]
    public void Page_ShowsTheSampleAndAnExampleOfAProfile()
    {
        var page = Text("docs/agents.md");
        Assert.Contains(Text("samples/agents/first/workflow.yaml"), page);
        Assert.Contains(Text("samples/agents/first/rehearsal.yaml"), page);
        var profile = page.Split("```yaml\n").Select(part => part.Split("```")[0])
            .Single(block => block.StartsWith("agents:", StringComparison.Ordinal));
        Assert.Empty(ProfileParser.Parse(profile, "profile.yaml").Errors);
    }

    private static string Text(string file, [CallerFilePath] string here = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "../..", file));
}
