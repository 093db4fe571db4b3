using Aegis.Core.Runs;
using Aegis.Tests.Shared;

namespace Aegis.Engine.Tests;

/// <summary>The veto in real runs, and the ways around it that a workflow file could try.</summary>
public sealed class AuditVetoRunTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private readonly string name = "w" + Guid.NewGuid().ToString("N")[..10];

    /// <summary>Each pushes in the end. The first two are controls: the same act without the veto.</summary>
    public static TheoryData<string, bool> Files { get; } = new()
    {
        { "  - { id: push, uses: git.push }\n", true },
        { "  - { id: audit, uses: test.audit }\n  - { id: push, uses: git.push }\n", true },
        {
            "  - { id: audit, uses: test.audit, continue_on_error: true, with: { status: vulnerable } }\n"
                + "  - { id: push, uses: git.push }\n", false
        },
        {
            "  - { id: audit, uses: test.audit, with: { status: vulnerable } }\n"
                + "  - { id: push, uses: git.push, if: always() }\n", false
        },
        {
            "  - { id: audit, uses: test.audit, continue_on_error: true, with: { status: broken } }\n"
                + "  - { id: other, uses: test.audit, with: { tree: /work/docs } }\n"
                + "  - { id: push, uses: git.push }\n", false
        },
        {
            "  - { id: audit, uses: test.audit, continue_on_error: true, with: { status: vulnerable } }\n"
                + "  - { id: again, uses: test.audit }\n  - { id: push, uses: git.push }\n", true
        },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Push_AfterTheAudit_GoesThroughOnlyWhereTheTreePassed(string steps, bool goesThrough)
    {
        var world = new World();
        await using var host = await EngineHost.StartAsync(ledger, world);
        var run = await host.StartAsync(steps);
        await host.EndAsync(run);
        Assert.Equal(goesThrough, world.Acts.ContainsKey("push"));
        var denied = await host.FactsAsync(run, "ToolDenied");
        Assert.Equal(goesThrough ? [] : ["AEGIS2640"],
            denied.Select(fact => fact.GetProperty("error").GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Push_InARunBelowOneThatIsVetoed_AndAboveOne_IsRefused()
    {
        var world = new World();
        await using var host = await EngineHost.StartAsync(ledger, world);
        await host.RegisterAsync(name, "  - { id: below, uses: git.push }\n");
        var above = await host.StartAsync(
            "  - { id: audit, uses: test.audit, continue_on_error: true, with: { status: vulnerable } }\n"
            + $"  - {{ id: call, uses: workflow.run, with: {{ workflow: {name} }} }}\n");
        Assert.Equal("RunFailed", await host.EndAsync(above));
        await host.RegisterAsync(name + "a",
            "  - { id: audit, uses: test.audit, with: { status: vulnerable } }\n");
        var caller = await host.StartAsync(
            $"  - {{ id: call, uses: workflow.run, continue_on_error: true, with: {{ workflow: {name}a "
                + $"}} }}\n"
            + "  - { id: after, uses: git.push }\n");
        Assert.Equal("RunFailed", await host.EndAsync(caller));
        Assert.False(world.Acts.ContainsKey("below") || world.Acts.ContainsKey("after"));
        Assert.Equal("AEGIS2640", (await host.FactsAsync(caller, "ToolDenied"))[0]
            .GetProperty("error").GetProperty("code").GetString());
    }
}
