using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;

namespace Aegis.Bench.Agents;

/// <summary>What a turn of an agent costs beside its model and its tools, and what a hundred agents at once
/// cost. The times are those of the run's own facts; the model's part is the same call made to the provider
/// directly, in the same run.</summary>
internal static class AgentsBench
{
    private const int Turns = 40;

    public static async Task<SortedDictionary<string, object>> RunAsync(bool quick)
    {
        var figures = new SortedDictionary<string, object>();
        await using var server = await AgentServer.StartAsync();
        Console.WriteLine("warming up");
        for (var i = 0; i < (quick ? 15 : 50); i++)
        {
            await server.RunAsync("worker", i % 5 == 4 ? "write" : "noop", Turns);
        }
        await TurnsAsync(server, quick ? 10 : 40, figures);
        Console.WriteLine($"{AgentModel.Crowd} runs at once");
        await CrowdAsync(server, figures);
        VaccineLane.Measure(figures, quick);
        return figures;
    }

    private static async Task TurnsAsync(
        AgentServer server, int runs, SortedDictionary<string, object> figures)
    {
        foreach (var (act, name) in new[] { ("noop", "turn"), ("write", "turn_write") })
        {
            Console.WriteLine($"{runs} runs of {Turns} turns: {act}");
            var (times, raw) = (new TurnTimes(), new List<double>());
            for (var i = 0; i < runs; i++)
            {
                times.Read(await server.RunAsync("worker", act, Turns));
                await RawAsync(server.Fake, raw);
            }
            var (wall, model, tool) = (At(times.Whole, 0.5), At(raw, 0.5), At(times.Tool, 0.5));
            figures[name + "_ms_p50"] = wall;
            figures[name + "_ms_p99"] = At(times.Whole, 0.99);
            figures[name + "_tool_ms_p50"] = tool;
            figures[name + "_begin_ms_p50"] = At(times.Begin, 0.5);
            figures[name + "_ask_ms_p50"] = At(times.Ask, 0.5);
            figures[name + "_calls_ms_p50"] = At(times.Calls, 0.5);
            figures[name + "_close_ms_p50"] = At(times.Close, 0.5);
            figures["model_raw_ms_p50"] = model;
            // a turn that calls a tool that does nothing has nothing to be taken off but the model
            figures[name + "_overhead_ms_p50"] = act == "noop" ? wall - model : wall - model - tool;
        }
    }

    /// <summary>The newest call of the agent, made directly.</summary>
    private static async Task RawAsync(Uri fake, List<double> raw)
    {
        using var http = new HttpClient { BaseAddress = fake };
        var body = await http.GetByteArrayAsync("last");
        for (var i = 0; i < 50; i++)
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            var since = Stopwatch.GetTimestamp();
            using var reply = await http.PostAsync("v1/chat/completions", content);
            await reply.Content.ReadAsByteArrayAsync();
            raw.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
        }
    }

    /// <summary>Each writes three files and reports; nobody's first question is answered before all have
    /// asked it.</summary>
    private static async Task CrowdAsync(AgentServer server, SortedDictionary<string, object> figures)
    {
        var before = server.PeakMb;
        var clock = Stopwatch.StartNew();
        var runs = await Task.WhenAll(Enumerable.Range(0, AgentModel.Crowd)
            .Select(_ => server.BeginAsync("crowd", "write", 4)));
        foreach (var run in runs)
        {
            await server.EndAsync(run);
        }
        figures["runs_100_seconds"] = clock.Elapsed.TotalSeconds;
        figures["runs_100_rss_mb"] = server.PeakMb;
        figures["rss_before_mb"] = before;
        using var http = new HttpClient { BaseAddress = server.Fake };
        var atOnce = int.Parse(await http.GetStringAsync("most"), CultureInfo.InvariantCulture);
        figures["runs_100_at_once"] = atOnce;
        if (atOnce != AgentModel.Crowd)
        {
            Console.WriteLine($"only {atOnce} agents have asked at once");
        }
    }

    private static double At(List<double> values, double part)
    {
        values.Sort();
        return values[(int)((values.Count - 1) * part)];
    }
}
