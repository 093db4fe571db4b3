using Aegis.Agents.Tests.Support;
using Aegis.Core.Runs.Events;
using Aegis.Tests.Shared;

namespace Aegis.Agents.Tests;

/// <summary>An agent's loop through the product's own gate, sandbox and rehearsal.</summary>
public sealed class AgentLoopTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private const string Profile = "rehearsal: r.yaml\n";
    private readonly string home = Directory.CreateTempSubdirectory("aegis-agents-").FullName;

    [Fact]
    public async Task Loop_WritesReadsAndEnds_WithEachTurnATaskAndEachReplyAFact()
    {
        await using var room = await OpenAsync(Words.Rehearsal(
            Call.Write("/work/a.txt", "one"),
            new[] { Call.Of("file.read", new { path = "/work/a.txt" }),
                Call.Of("file.list", new { path = "/work" }) },
            Words.Report));
        var run = await room.StartRunAsync(Words.Workflow(more: """
              - id: look
                uses: file.read
                with: { path: /work/a.txt }
            """));
        Assert.Equal("PlanCompleted", await room.EndAsync(run));
        var (outputs, _) = await room.StepAsync(run, "build");
        Assert.Equal("""{"agent":"builder","done":true,"reply":{"summary":"It is written.","files_changed":"""
            + """["a.txt"]},"turns":3,"origin":"scripted","tokens":220,"cost_usd":0.03}""",
            outputs!.Value.GetRawText());
        var facts = await room.FactsAsync(run);
        Assert.Equal("one", facts.OfType<TaskCompleted>().Single(t => t.StepId == "look").Output);
        Assert.Equal(["build.0", "build.1", "build.2"], facts.OfType<ModelReplied>().Select(r => r.StepId));
        Assert.All(facts.OfType<ModelReplied>(), r => Assert.Equal(0.01m, r.CostUsd));
        // each reply stands before what it asked for, and each call has a fact of its own
        Assert.Equal(["ModelReplied", "ToolCalled", "ToolReturned", "ToolReturned"], facts
            .Where(f => f is ModelReplied { StepId: "build.0" } or ToolReturned { StepId: "build.0" }
                or ToolCalled { StepId: "build.0", Within: not null }).Select(f => f.GetType().Name));
        Assert.Equal(["file.write", "file.read", "file.list"], facts.OfType<ToolReturned>()
            .Where(t => t.Within is not null).Select(t => t.Tool).OrderBy(t => t == "file.list"));
        Assert.All(facts.OfType<ToolReturned>().Where(t => t.Within is not null), t =>
            Assert.StartsWith(t.Within + ".", t.CallId));
    }

    private async Task<AgentRoom> OpenAsync(string rehearsal, string profile = "") =>
        await AgentRoom.StartAsync(ledger, await AgentRoom.ProjectAsync(
            ledger, Profile + profile, ("r.yaml", rehearsal)), home);
}
