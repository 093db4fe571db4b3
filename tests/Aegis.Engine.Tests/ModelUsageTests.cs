using System.Collections.Immutable;
using Aegis.Core.Runs.Commands;
using Aegis.Core.Runs.Events;
using Aegis.Core.Runs.Models;
using Aegis.Engine.Calls;
using Aegis.Tests.Shared;
using Xunit.Abstractions;

namespace Aegis.Engine.Tests;

/// <summary>The sums of the calls to models, against the ledger's own facts, which SQL sums up on its
/// own.</summary>
public sealed class ModelUsageTests(LedgerFixture ledger, ITestOutputHelper output)
    : IClassFixture<LedgerFixture>
{
    private const string Columns = "stream_id, step_id, coalesce(agent, '-'), asked, task_type, provider, "
        + "model, origin, day, calls, answered, failed, aborted, input_tokens, output_tokens, "
        + "cached_tokens, cache_write_tokens, reasoning_tokens, cost_usd, saved_usd, tries, took_us, "
        + "first_token_us, first_tokens";

    private const string OfFacts = """
        SELECT CASE WHEN starts_with(s.stream_id, 'calls/') THEN substr(s.stream_id, 7) ELSE s.stream_id END
            AS stream_id, p ->> 'step_id' AS step_id, m ->> 'agent' AS agent, m ->> 'asked' AS asked,
          m ->> 'task_type' AS task_type, m ->> 'provider' AS provider, m ->> 'model' AS model,
          m ->> 'origin' AS origin, (e.at AT TIME ZONE 'UTC')::date AS day, count(*) AS calls,
          count(*) FILTER (WHERE m ->> 'outcome' = 'answered') AS answered,
          count(*) FILTER (WHERE m ->> 'outcome' = 'failed') AS failed,
          count(*) FILTER (WHERE m ->> 'outcome' = 'aborted') AS aborted,
          sum(coalesce((m -> 'tokens' ->> 'input')::bigint, 0)) AS input_tokens,
          sum(coalesce((m -> 'tokens' ->> 'output')::bigint, 0)) AS output_tokens,
          sum(coalesce((m -> 'tokens' ->> 'cached_input')::bigint, 0)) AS cached_tokens,
          sum(coalesce((m -> 'tokens' ->> 'cache_write')::bigint, 0)) AS cache_write_tokens,
          sum(coalesce((m -> 'tokens' ->> 'reasoning')::bigint, 0)) AS reasoning_tokens,
          sum(coalesce((m ->> 'cost_usd')::numeric, 0))::numeric(30,12) AS cost_usd,
          sum(coalesce((m ->> 'saved_usd')::numeric, 0))::numeric(30,12) AS saved_usd,
          sum(coalesce(jsonb_array_length(m -> 'tries'), 0)) AS tries,
          sum(coalesce((m ->> 'took_us')::bigint, 0)) AS took_us,
          sum(coalesce((m ->> 'first_token_us')::bigint, 0)) AS first_token_us,
          count(m ->> 'first_token_us') AS first_tokens
        FROM events e JOIN streams s USING (stream_key),
          LATERAL (SELECT convert_from(e.payload, 'UTF8')::jsonb AS p) x,
          LATERAL jsonb_array_elements(p -> 'models') m
        WHERE e.type = 'ToolReturned' GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
        """;

    [Fact]
    public async Task Sums_AreThoseOfTheFacts_AfterRandomCalls_ARebuild_AndAKill()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("AEGIS_TEST_SEED"), out var given) ? given
            : Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var chance = new Random(seed);
        var first = await EngineHost.StartAsync(ledger, new World());
        await CallsAsync(first, chance);
        await first.Node.DrainReadModelsAsync(CancellationToken.None);
        var before = await SameAsync();
        Assert.True(before > 20, $"seed {seed}: {before} rows");

        await first.AbandonAsync();
        await ledger.ExecuteAsync("TRUNCATE read_models_state, model_usage");
        var second = await EngineHost.StartAsync(ledger, new World());
        Assert.Equal(before, await SameAsync());

        // a kill before the beat: the rows of the last calls were never written
        await CallsAsync(second, chance);
        await second.AbandonAsync();
        await ledger.ExecuteAsync("DELETE FROM model_usage WHERE stream_id IN (SELECT substr(stream_id, 7) "
            + "FROM streams WHERE NOT closed)");
        await using var third = await EngineHost.StartAsync(ledger, new World());
        Assert.True(await SameAsync() > before);
        await first.DisposeAsync();
        await second.DisposeAsync();
        await SameAsync();
    }

    [Fact]
    public async Task Row_OfASession_SaysWhoCalledAndWhere_AndOfARunWhoStartedIt()
    {
        await using var host = await EngineHost.StartAsync(ledger, new World());
        var session = await new CallDesk(host.Node).OpenAsync(
            host.Principal, new SessionRequest("gateway", null, null, null), CancellationToken.None);
        await CallAsync(session, 1, [new("fast", "general", null, "here", "small", "cached", "answered",
            new ModelTokens(7, 3), 0, 0.000000000001m, 10)]);
        session.End();
        await host.Node.DrainReadModelsAsync(CancellationToken.None);
        Assert.Equal("gateway key:test call 0.000000000000 0.000000000001", await ledger.ScalarAsync<string>(
            "SELECT concat_ws(' ', door, actor, step_id, cost_usd, saved_usd) FROM model_usage "
            + "WHERE stream_id = $1", session.Id));
        var run = await RunAsync(host, new Random(1));
        await host.Node.DrainReadModelsAsync(CancellationToken.None);
        Assert.Equal("- key:test", await ledger.ScalarAsync<string>("SELECT DISTINCT concat_ws(' ', "
            + "coalesce(door, '-'), actor) FROM model_usage WHERE stream_id = $1", run));
    }

    private async Task<long> SameAsync()
    {
        var differ = await ledger.ScalarAsync<string>($"""
            WITH facts AS ({OfFacts}), f AS (SELECT {Columns} FROM facts), r AS (SELECT {Columns}
              FROM model_usage)
            SELECT coalesce(string_agg(d::text, E'\n'), '') FROM (
              (SELECT 'missing', * FROM (SELECT * FROM f EXCEPT SELECT * FROM r) m)
              UNION ALL (SELECT 'extra', * FROM (SELECT * FROM r EXCEPT SELECT * FROM f) x)) d
            """);
        Assert.Equal("", differ);
        return await ledger.ScalarAsync<long>("SELECT count(*) FROM model_usage");
    }

    private static async Task CallsAsync(EngineHost host, Random chance)
    {
        var desk = new CallDesk(host.Node);
        var runs = Enumerable.Range(0, 3).Select(_ => new Random(chance.Next()))
            .Select(own => RunAsync(host, own));
        var sessions = Enumerable.Range(0, 3).Select(_ => new Random(chance.Next())).Select(async own =>
        {
            var session = await desk.OpenAsync(
                host.Principal, new SessionRequest("gateway", null, null, null), CancellationToken.None);
            await Task.WhenAll(Enumerable.Range(1, 200)
                .Select(number => CallAsync(session, number, Uses(own), number % 2 == 0)).ToList());
            await session.FinishAsync();
        });
        await Task.WhenAll([.. runs, .. sessions]);
    }

    // as the desk does once the gate has answered
    private static async Task CallAsync(
        CallSession session, int number, ImmutableArray<ModelUse> uses, bool recorded = false)
    {
        var fact = new ToolReturned("call", number, $"{session.Id}.call.{number}", "llm.chat", "idempotent",
            true, null, null, uses.Sum(u => u.CostUsd), 1, null, null, false, Models: uses);
        if (recorded)
        {
            await session.RecordAsync(fact);
            return;
        }
        Assert.True(await session.AppendAsync(fact));
    }

    // a step that waits, and whose end the test tells in its place
    private static async Task<string> RunAsync(EngineHost host, Random chance)
    {
        var name = $"s{chance.Next()}";
        var steps = Enumerable.Range(0, 3).Select(i => $"{name}-{i}").ToList();
        var run = await host.StartAsync(string.Concat(
            steps.Select(s => $"  - {{ id: {s}, uses: test.idem, with: {{ waits: true }} }}\n")));
        for (var i = 0; i < steps.Count; i++)
        {
            await host.World.Entered(steps[i]);
            var uses = Uses(chance);
            Assert.Null(await host.Node.Live.Find(EngineHost.Tenancy, run.Value)!.PostAsync(new TaskReturned(
                TimeProvider.System.GetUtcNow(), i, 1, new AttemptResult($"{run}.{steps[i]}.1", "test.idem",
                    "idempotent", true, "said", null, null, null, uses.Sum(u => u.CostUsd), 1, null, null,
                    null, false, true, false, Models: uses), 0)));
            host.World.Release(steps[i]);
        }
        await host.EndAsync(run);
        return run.Value;
    }

    private static ImmutableArray<ModelUse> Uses(Random chance) =>
        [.. Enumerable.Range(0, chance.Next(1, 4)).Select(_ => Use(chance))];

    private static ModelUse Use(Random chance) => new(
        Pick(chance, "auto", "fast", "reasoning"), Pick(chance, "general", "coding"),
        Pick(chance, null, "builder", "auditor"), Pick(chance, "here", "there")!,
        Pick(chance, "small", "large\u00e9 \ud83d\ude00"), Pick(chance, "live", "cached", "recorded"),
        Pick(chance, ModelUse.Answered, ModelUse.Answered, ModelUse.Failed, ModelUse.Aborted),
        new ModelTokens(chance.Next(5_000), chance.Next(900), chance.Next(2) * chance.Next(400),
            chance.Next(2) * chance.Next(400), chance.Next(2) * chance.Next(400)),
        // to the last of the twelve places
        new decimal(chance.NextInt64(10_000_000_000_000)) / 1_000_000_000_000m,
        chance.Next(3) == 0 ? chance.Next() / 1_000_000_000_000m : 0,
        chance.Next(3_000_000), chance.Next(2) == 0 ? chance.Next(900_000) : null,
        chance.Next(4) > 0 ? null
            : [.. Enumerable.Range(0, chance.Next(1, 3)).Select(_ => new ModelTry("here", "small",
                "rate_limited", 429, 5))], (ulong)chance.NextInt64());

    private static string Pick(Random chance, params string?[] some) => some[chance.Next(some.Length)]!;
}
