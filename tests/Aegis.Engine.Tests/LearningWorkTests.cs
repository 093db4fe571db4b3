using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Routing;
using Aegis.Core.Routing.Breakers;
using Aegis.Core.Routing.Learning;
using Aegis.Core.Runs.Commands;
using Aegis.Core.Runs.Events;
using Aegis.Core.Runs.Models;
using Aegis.Engine.Calls;
using Aegis.Engine.Learning;
using Aegis.Engine.Schedules;
using Aegis.Ledger.Routing;
using Aegis.Ledger.Secrets;
using Aegis.Models.Learning;
using Aegis.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aegis.Engine.Tests;

/// <summary>Verdicts come from runs and from outside, reach every node, and outlive them.</summary>
public sealed class LearningWorkTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly ModelKey Small = new("here", "small");
    private static readonly ModelKey Large = new("here", "large");

    [Fact]
    public async Task Verdicts_OfARun_ReachEveryNode_AndANextLife_EachOnce()
    {
        var host = await EngineHost.StartAsync(ledger, new World());
        await using var here = await NodeAsync();
        await using var there = await NodeAsync();
        await RunAsync(host, good: true);
        await RunAsync(host, good: false);
        await host.Node.DrainReadModelsAsync(None);
        await here.TurnAsync();
        await there.TurnAsync();
        Assert.True(here.Quality(Small).Evidence > 1.9);
        Assert.Equal(here.Quality(Small), there.Quality(Small));

        // rows are made again by a rebuild, verdicts are not
        await ledger.ExecuteAsync("TRUNCATE read_models_state, model_usage");
        await host.DisposeAsync();
        await using var next = await EngineHost.StartAsync(ledger, new World());
        await here.TurnAsync();
        Assert.Equal(there.Quality(Small), here.Quality(Small));
        await using var fresh = await NodeAsync();
        Assert.Equal(here.Quality(Small), fresh.Quality(Small));
    }

    [Fact]
    public async Task State_IsKeptOverARestart_ServiceToo_AndVerdictsAreNotFoldedTwice()
    {
        await using var host = await EngineHost.StartAsync(ledger, new World());
        var first = await NodeAsync();
        await RunAsync(host, good: true);
        await host.Node.DrainReadModelsAsync(None);
        first.Memory.Report(new ModelCallSettled("acme", "coding", Small, CallOutcome.Answered,
            TimeSpan.FromMilliseconds(250), 40, first.Now));
        await first.TurnAsync();
        await first.DisposeAsync();
        var second = await NodeAsync();
        Assert.Equal(first.Quality(Small), second.Quality(Small));
        Assert.Equal([.. first.Memory.Snapshot().Service], second.Memory.Snapshot().Service.ToArray());

        // what cannot be read is learned again, from the verdicts alone
        await second.DisposeAsync();
        await ledger.ExecuteAsync("UPDATE routing_state SET state = '\\x00'");
        await using var third = await NodeAsync();
        Assert.Equal(first.Quality(Small).Evidence, third.Quality(Small).Evidence, 3);
        Assert.Empty(third.Memory.Snapshot().Service);
    }

    [Fact]
    public async Task Verdict_FromOutside_IsOnTheCallsModels_OncePerKindAndActor_AndAFact()
    {
        await using var host = await EngineHost.StartAsync(ledger, new World());
        await using var vault = await VaultAsync(host);
        var session = await new CallDesk(host.Node).OpenAsync(
            host.Principal, new SessionRequest("gateway", null, null, null), None);
        for (var number = 1; number <= 3; number++)
        {
            await session.AppendAsync(Fact($"{session.Id}.call.{number}", number == 2 ? [] :
                [Use(Large), Use(Large), Use(Small) with { Outcome = ModelUse.Failed }]));
        }
        var table = new VerdictTable(ledger.Database);
        var verdict = new CallVerdict(
            $"{session.Id}.call.3", "auditor", 0.25, "key:a", TimeProvider.System.GetUtcNow());
        var judged = await table.JudgeAsync(session.Keys, verdict, None);
        Assert.Equal([new JudgedModel("coding", "here", "large")], judged!.Value.ToArray());
        await AssertRefusedAsync("AEGIS2346", verdict with { Value = 1 });
        await AssertRefusedAsync("AEGIS2345", verdict with { CallId = $"{session.Id}.call.2" });
        Assert.NotNull(await table.JudgeAsync(session.Keys, verdict with { Actor = "key:b" }, None));
        Assert.NotNull(await table.JudgeAsync(session.Keys, verdict with { Kind = "user_approval" }, None));
        foreach (var unknown in new[] { $"{session.Id}.call.4", "run_none.a.1", "", "a\0b.c", "call_x" })
        {
            Assert.Null(await table.JudgeAsync(session.Keys, verdict with { CallId = unknown }, None));
        }
        Assert.Equal(3L, await ledger.UntilAsync<long>("SELECT n FROM (SELECT count(*) AS n FROM events "
            + "JOIN streams USING (stream_key) WHERE stream_id = $1 AND type = 'ModelJudged') c "
            + "WHERE n = 3", $"models/verdicts/{session.Id}"));
        await using var node = await NodeAsync();
        Assert.InRange(node.Quality(Large).Mean, 0.2, 0.5);

        async Task AssertRefusedAsync(string code, CallVerdict again) => Assert.Equal(code,
            (await Assert.ThrowsAsync<AegisException>(() => table.JudgeAsync(session.Keys, again, None)))
                .Error.Code);
    }

    [Fact]
    public async Task Replacement_IsDecidedOnce_StandsOnEveryNode_AndIsTakenBackForADay()
    {
        await using var host = await EngineHost.StartAsync(ledger, new World());
        var keys = await ledger.CreateProjectAsync(new Tenancy("gone", "web"));
        var of = new Tenancy("gone", "web");
        var time = new ManualTime();
        await using var here = await NodeAsync(time);
        await using var there = await NodeAsync(time);
        foreach (var node in new[] { here, there })
        {
            node.Gone(of, Large, Small);
            await node.TurnAsync();
        }
        await here.TurnAsync();
        Assert.Equal((Small, Small), (here.Memory.Follow(Large, "coding", of),
            there.Memory.Follow(Large, "coding", of)));
        var table = new ReplacementTable(ledger.Database);
        var decided = Assert.Single(await table.ListAsync(keys, null, 10, None));

        Assert.True(await table.UndoAsync(keys, decided.ReplacementId, "key:ana", time.Now, null, None));
        Assert.False(await table.UndoAsync(keys, decided.ReplacementId, "key:ana", time.Now, null, None));
        here.Gone(of, Large, Small);
        await here.TurnAsync();
        Assert.Equal(Large, here.Memory.Follow(Large, "coding", of));
        time.Now += ReplacementTable.UndoneFor + TimeSpan.FromSeconds(1);
        here.Gone(of, Large, Small);
        await here.TurnAsync();
        Assert.Equal(Small, here.Memory.Follow(Large, "coding", of));

        // the stand-in is gone in its turn: what leads back ends what led away
        time.Now += TimeSpan.FromHours(1);
        here.Gone(of, Small, Large);
        await here.TurnAsync();
        Assert.Equal(Large, here.Memory.Follow(Small, "coding", of));
        Assert.Equal([null, "engine", "key:ana"],
            (await table.ListAsync(keys, null, 10, None)).Select(r => r.UndoneBy));
        Assert.Equal(5L, await ledger.ScalarAsync<long>(
            "SELECT count(*) FROM secret_facts WHERE stream_id = 'models/stand-ins'"));
    }

    [Fact]
    public void State_PastTheLimit_KeepsWhatAllShare_AndWhatIsNewest()
    {
        var memory = new ModelLearning(LearningRules.Default);
        for (var i = 0; i < 6; i++)
        {
            memory.Apply(new ModelVerdict("acme", "coding", new ModelKey("here", $"m{i}"),
                VerdictKind.Auditor, 1, DateTimeOffset.UnixEpoch.AddDays(i)));
        }
        var whole = memory.Snapshot();
        Assert.Equal([.. whole.Quality], KeptState.Read(KeptState.Write(whole)).Quality.ToArray());
        Assert.Same(whole, KeptState.Bounded(whole, 12));
        var bounded = KeptState.Bounded(whole, 8);
        Assert.Equal(6, bounded.Quality.Count(q => q.Tenant is null));
        Assert.Equal(["m4", "m5"], bounded.Quality.Where(q => q.Tenant is not null).Select(q => q.Model));
    }

    private async Task<LearningNode> NodeAsync(TimeProvider? time = null) =>
        await LearningNode.StartAsync(ledger, time ?? TimeProvider.System);

    private async Task<SecretFactHolder> VaultAsync(EngineHost host)
    {
        var vault = await SecretVault.OpenAsync(ledger.Database, new MasterKeySource(ledger.Home), None);
        return new SecretFactHolder(host.Node.OpenSecretFacts(vault));
    }

    // a step that asks a model, and tests that judge its answer
    private static async Task RunAsync(EngineHost host, bool good)
    {
        var name = $"s{Guid.NewGuid():N}"[..12];
        var run = await host.StartAsync($"  - {{ id: {name}, uses: test.idem, with: {{ waits: true }} }}\n"
            + $"  - {{ id: t{name}, uses: test.idem, with: {{ waits: true }} }}\n");
        await ReturnAsync(host, run, 0, name, "test.idem", true, [Use(Small)]);
        await ReturnAsync(host, run, 1, "t" + name, ModelJudgements.Tests, good, null);
        await host.EndAsync(run);
    }

    private static async Task ReturnAsync(EngineHost host, RunId run, int index, string step, string tool,
        bool ok, ImmutableArray<ModelUse>? uses)
    {
        await host.World.Entered(step);
        Assert.Null(await host.Node.Live.Find(EngineHost.Tenancy, run.Value)!.PostAsync(new TaskReturned(
            TimeProvider.System.GetUtcNow(), index, 1, new AttemptResult($"{run}.{step}.1", tool,
                "idempotent", ok, ok ? "said" : null, null, null,
                ok ? null : new AegisError("AEGIS2364", "1 of 2 tests failed"), 0, 1, null, null, null, false,
                true, false, Models: uses), 0)));
        host.World.Release(step);
    }

    private static ToolReturned Fact(string callId, ImmutableArray<ModelUse> uses) => new("call", 1, callId,
        "llm.chat", "idempotent", true, null, null, 0, 1, null, null, false, Models: uses);

    private static ModelUse Use(ModelKey model) => new("auto", "coding", null, model.Provider, model.Model,
        "live", ModelUse.Answered, new ModelTokens(5, 5), 0, 0, 10);

    private sealed class SecretFactHolder(Node.SecretFactWork work) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => work.DisposeAsync();
    }

    private sealed class ManualTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = System.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => Now;
    }

    /// <summary>The learning of one node.</summary>
    private sealed class LearningNode(
        ModelMemory memory, LearningWork work, TimeProvider time, LedgerFixture ledger)
        : IAsyncDisposable
    {
        public ModelMemory Memory => memory;

        public DateTimeOffset Now => time.GetUtcNow();

        public static async Task<LearningNode> StartAsync(LedgerFixture ledger, TimeProvider time)
        {
            await SettledAsync(ledger);
            var memory = new ModelMemory();
            var work = await LearningWork.StartAsync(new LearningParts(ledger.Database, ledger.Tenants,
                memory, new WakeSignal(), () => { }, time, NullLogger.Instance), None);
            return new LearningNode(memory, work, time, ledger);
        }

        public async Task TurnAsync()
        {
            await SettledAsync(ledger);
            await work.TurnAsync(None);
        }

        public QualityBelief Quality(ModelKey model) =>
            // at a time that is the same for all
            memory.Learning.View("acme", "coding", DateTimeOffset.MinValue).Quality(model);

        public void Gone(Tenancy of, ModelKey model, ModelKey peer)
        {
            memory.Breakers(of.Tenant).Report(model, memory.Breakers(of.Tenant).Of(model).Epoch,
                BreakerVerdict.Gone, null, Now);
            memory.Watch(new NamedModel(of, of.Tenant, "coding", model, [Candidate(model), Candidate(peer)]));
        }

        public async ValueTask DisposeAsync()
        {
            await work.DisposeAsync();
            await memory.DisposeAsync();
        }

        // a node reads no verdict behind which an older transaction may still put one: of anybody's here
        private static Task SettledAsync(LedgerFixture ledger) => ledger.UntilAsync<bool>(
            "SELECT true WHERE NOT EXISTS (SELECT 1 FROM model_verdicts "
            + "WHERE xid >= pg_snapshot_xmin(pg_current_snapshot()))");

        // a price that is not known: evidence without a ratio must be read back too
        private static RouteCandidate Candidate(ModelKey key) => new(key, new ModelAbilities(ModelKinds.Chat,
            ModelModalities.Text, 100_000, 8_000, true, true, ModelLocality.Local), null);
    }
}
