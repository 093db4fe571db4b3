using Aegis.Tests.Shared;
using Npgsql;

namespace Aegis.Engine.Tests;

/// <summary>A second life of the server on the ledger of a first one that ended without a word.</summary>
public sealed class RecoveryTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    [Theory]
    [InlineData("test.idem", "PlanCompleted", 2)]
    [InlineData("test.probe", "PlanCompleted", 1)]
    public async Task NextLife_GoesOnWithAnInterruptedCall(string tool, string end, int acts)
    {
        var (world, first) = (new World(), await EngineHost.StartAsync(ledger, new World()));
        await first.DisposeAsync();
        first = await EngineHost.StartAsync(ledger, world);
        var run = await first.StartAsync(
            $"  - {{ id: a, uses: flow.noop }}\n  - {{ id: b, uses: {tool}, with: {{ waits: true }} }}\n"
            + "  - { id: c, uses: flow.noop }\n");
        await world.Entered("b");
        await first.AbandonAsync();
        world.Release("b");
        await using var second = await EngineHost.StartAsync(ledger, world);
        Assert.Equal(end, await second.EndAsync(run));
        Assert.Equal(acts, world.Acts["b"]);
        Assert.Equal(3, (await second.TypesAsync(run)).Count(t => t == "TaskCompleted"));
        await first.DisposeAsync();
    }

    [Fact]
    public async Task NextLife_LeavesAnUnrepeatableCallToAHuman()
    {
        var world = new World();
        var first = await EngineHost.StartAsync(ledger, world);
        var run = await first.StartAsync("  - { id: b, uses: test.once, with: { waits: true } }\n");
        await world.Entered("b");
        await first.AbandonAsync();
        await using var second = await EngineHost.StartAsync(ledger, world);
        Assert.Equal("TaskInDoubt", await second.UntilAsync(run, "TaskInDoubt"));
        await second.Runs.ResolveAsync(
            second.Principal, run, "b", InDoubtAnswer.Done, CancellationToken.None);
        Assert.Equal("PlanCompleted", await second.EndAsync(run));
        Assert.Equal(1, world.Acts["b"]);
        await first.DisposeAsync();
    }

    [Fact]
    public async Task OldLife_CanAppendNothingAfterTheTakeover()
    {
        var world = new World();
        var first = await EngineHost.StartAsync(ledger, world);
        var run = await first.StartAsync("  - { id: b, uses: test.idem, with: { waits: true } }\n");
        await world.Entered("b");
        await ledger.ExecuteAsync("UPDATE nodes SET fenced_at = now() WHERE fenced_at IS NULL");
        await using var second = await EngineHost.StartAsync(ledger, world);
        world.Release("b");
        Assert.Equal("PlanCompleted", await second.EndAsync(run));
        Assert.Contains("lease", await first.Node.Lost.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal(1, (await second.TypesAsync(run)).Count(t => t == "TaskCompleted"));
        await first.DisposeAsync();
    }

    [Fact]
    public async Task ReadModels_DroppedAndRebuilt_ComeBackTheSame()
    {
        var first = await EngineHost.StartAsync(ledger, new World());
        for (var i = 0; i < 5; i++)
        {
            var run = await first.StartAsync("  - { id: a, uses: flow.noop }\n"
                + $"  - {{ id: b, uses: test.idem, with: {{ fail_first: {i % 2} }} }}\n"
                + "  - { id: c, uses: flow.noop }\n");
            await first.EndAsync(run);
        }
        await ApprovalsAsync(first);
        await first.DisposeAsync();
        var before = await DumpAsync();
        await ledger.ExecuteAsync(
            "TRUNCATE read_models_state, plans_read, runs_read, tasks_read, task_edges, "
            + "approvals_read");
        await using var second = await EngineHost.StartAsync(ledger, new World());
        Assert.Equal(before, await DumpAsync());
        foreach (var status in new[] { "granted", "denied", "withdrawn", "pending" })
        {
            Assert.Contains($",{status},", before, StringComparison.Ordinal);
        }
        Assert.Contains("said", before, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadModels_OfAStopInTheMiddleOfAWrite_AreWrittenWhole()
    {
        var host = await EngineHost.StartAsync(ledger, new World());
        await using var connection = await ledger.Super.OpenConnectionAsync();
        await using var hold = await connection.BeginTransactionAsync();
        await using (var table = new NpgsqlCommand(
            "LOCK TABLE plans_read IN ACCESS EXCLUSIVE MODE", connection, hold))
        {
            await table.ExecuteNonQueryAsync();
        }
        var run = await host.StartAsync("  - { id: a, uses: flow.noop }\n");
        var began = await ledger.UntilAsync<string>("SELECT a.query_start::text FROM pg_locks l "
            + "JOIN pg_stat_activity a USING (pid) WHERE NOT granted AND relation = 'plans_read'::regclass");

        var stopping = host.DisposeAsync().AsTask();
        // the stop cancels that write; the last one waits in its place
        await ledger.UntilAsync<int>("SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity "
            + $"WHERE state = 'active' AND query_start::text = '{began}')");
        await hold.RollbackAsync();
        await stopping;

        Assert.Equal(1, await ledger.ScalarAsync<long>("SELECT count(*) FROM plans_read p JOIN runs_read r "
            + $"USING (plan_id) WHERE r.run_id = '{run.Value}'"));
    }

    // one granted, one denied, one that its run's end withdrew, one that waits for ever, and texts that
    // PostgreSQL cannot store as they are
    private static async Task ApprovalsAsync(EngineHost host)
    {
        const string Steps = "  - { id: a, uses: flow.noop, approve: 'go ${{ inputs.what }}?' }\n";
        const string Head = "inputs: { what: { default: x } }\noutputs: { said: '${{ inputs.what }}' }\n";
        var runs = new List<Core.RunId>();
        for (var i = 0; i < 4; i++)
        {
            runs.Add(await host.StartAsync(Steps, Head, new { what = "\0" }));
            await host.UntilAsync(runs[i], "ApprovalRequested");
        }
        var none = CancellationToken.None;
        await host.Runs.AnswerAsync(host.Principal, runs[0], "a", true, "yes \0", null, none);
        await host.Runs.AnswerAsync(host.Principal, runs[1], "a", false, "no", null, none);
        await host.Runs.CancelAsync(host.Principal, runs[2], "no more \0", none);
        Assert.Equal("PlanCompleted", await host.EndAsync(runs[0]));
        Assert.Equal("RunFailed", await host.EndAsync(runs[1]));
        Assert.Equal("RunCancelled", await host.EndAsync(runs[2]));
    }

    private async Task<string> DumpAsync()
    {
        var text = new System.Text.StringBuilder();
        foreach (var (table, order) in new[] { ("plans_read", "plan_id"), ("runs_read", "run_id"),
            ("tasks_read", "task_id"), ("task_edges", "from_task, to_task"),
            ("approvals_read", "approval_id") })
        {
            await using var command =
                ledger.Super.CreateCommand($"SELECT t::text FROM {table} t ORDER BY {order}");
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                text.AppendLine(reader.GetString(0));
            }
        }
        return text.ToString();
    }
}
