using Aegis.Core.Errors;
using Aegis.Core.Plans.Review;
using Aegis.Core.Catalogue;
using Aegis.Core.Profiles;
using Aegis.Core.Rehearsals;
using Aegis.Tests.Shared;

namespace Aegis.Engine.Tests;

/// <summary>Under a cap on cost a run whose models have no known price does not begin.</summary>
public sealed class CostCapTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private const string Chat = "  - { id: a, uses: llm.chat, with: { say: hi } }\n";
    private const string Cap = "policy: { max_cost_usd: 1 }\n";

    [Fact]
    public async Task Start_WithAnUnknownPriceUnderACap_IsRefused()
    {
        await using var engine = await EngineHost.StartAsync(ledger, new World(),
            models: new ModelSight(Profile.Empty, null, ModelCatalogue.BuiltIn));
        var refused = await Assert.ThrowsAsync<AegisException>(() => engine.StartAsync(Chat, Cap));
        Assert.Equal("AEGIS1180", refused.Error.Code);
        Assert.Equal("PlanCompleted", await engine.EndAsync(await engine.StartAsync(Chat)));
        Assert.Equal("PlanCompleted",
            await engine.EndAsync(await engine.StartAsync("  - { id: a, uses: flow.noop }\n", Cap)));
    }

    [Theory]
    [InlineData("1", null)]
    [InlineData("1.01", "AEGIS1181")]
    public async Task Start_OfARehearsal_KnowsItsCost(string cost, string? code)
    {
        var rehearsal = RehearsalFile.Parse(
            $"origin: scripted\nturns: [{{ reply: r, cost_usd: {cost} }}]", "r.yaml").Value!;
        await using var engine = await EngineHost.StartAsync(ledger, new World(),
            models: new ModelSight(
                Profile.Empty with { Rehearsal = "r.yaml" }, rehearsal, ModelCatalogue.None));
        if (code is null)
        {
            Assert.Equal("PlanCompleted", await engine.EndAsync(await engine.StartAsync(Chat, Cap)));
            return;
        }
        Assert.Equal(code,
            (await Assert.ThrowsAsync<AegisException>(() => engine.StartAsync(Chat, Cap))).Error.Code);
    }
}
