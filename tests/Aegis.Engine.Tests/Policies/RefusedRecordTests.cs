using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Core.Policy.Tiers;
using Aegis.Engine.Tests.Budgets;
using Aegis.Gate;
using Aegis.Gate.Admission;
using Aegis.Gate.Policies;
using Aegis.Ledger.Tenants;
using Aegis.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aegis.Engine.Tests.Policies;

/// <summary>A call whose record is refused did nothing, so the month has as many calls as before.</summary>
public sealed class RefusedRecordTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Call_ThatIsNotRecorded_GivesItsReservationBack_AndOneThatIsRecordedDoesNot()
    {
        var tenancy = new Tenancy("refused", "web");
        await ledger.CreateProjectAsync(tenancy);
        await ledger.Tenants.SetTenantTierAsync("refused", "one", None);
        var tiers = TierBookParser.Parse("""{"one": {"commands": [], "quotas": {"calls_month": 1}}}""",
            "allowlist.json").Value!;
        var shelf = new PolicyShelf(new ProfileStore(ledger.Database), ledger.Tenants, () => tiers,
            TimeProvider.System);
        await using var node = await BudgetNode.OpenAsync(ledger);
        var world = new World();
        var gate = new Gate.Gate(
            new ToolCatalogue([new ActTool("test.once", ToolEffect.Once, world)]),
            new ExecutionFactory(null), NullLogger<Gate.Gate>.Instance,
            new GateOrder(NoVaccines.Instance, new RateLimiter(TimeProvider.System)), shelf, node.Room);
        var by = new Principal("key:a", tenancy, ["tools:*"]);

        for (var i = 0; i < 3; i++)
        {
            var refused = await gate.InvokeAsync(
                Call(by), new Journal(new AegisError("AEGIS5010", "over")), None);
            Assert.Equal("AEGIS5010", refused.Result.Error!.Code);
        }

        Assert.True((await gate.InvokeAsync(Call(by), new Journal(null), None)).Result.Ok);
        var spent = await gate.InvokeAsync(Call(by), new Journal(null), None);
        Assert.Equal("AEGIS2508", spent.Result.Error!.Code);
    }

    private static GateCall Call(Principal by) => new("test.once", JsonElement.Parse("{}"), new CallContext(
        by, new RunId("run_1"), "a", 1, "run_1.a.1", new PlanPolicy([], [], null, null),
        ImmutableSortedDictionary<string, string>.Empty, null, null, null, DateTimeOffset.MaxValue));

    private sealed class Journal(AegisError? refusal) : ICallJournal
    {
        public ValueTask<AegisError?> CalledAsync(string tool, ToolEffect effect, string? rule) =>
            ValueTask.FromResult(refusal);
    }
}
