using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Client;
using Aegis.Processes;
using Aegis.Server;
using Aegis.Server.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aegis.Bench.Terminals;

/// <summary>
/// A terminal as it is served: the whole server, a shell in the sandbox with all its walls, redaction on, a
/// client on a WebSocket that acknowledges what it has. <c>cat</c> of a file of lines at an ordinary (cooked)
/// terminal; the raw rate is the same <c>cat</c> at a terminal whose master is read and thrown away, in the
/// same run. An echo is a key typed at the client until it is shown there.
/// </summary>
internal static class PtyBench
{
    private const int EchoLine = 60;

    /// <summary>The kernel changes each line's end on its own, so short lines bound the rate of any
    /// terminal.</summary>
    private const int LineBytes = 100;

    private const int LongLineBytes = 1_000;
    private static readonly byte[] End = "END\r\n"u8.ToArray();

    public static async Task<SortedDictionary<string, object>> RunAsync(bool quick)
    {
        var megabytes = quick ? 100 : 200;
        var rounds = quick ? 3 : 7;
        var home = Directory.CreateTempSubdirectory("aegis-bench-").FullName;
        await using var server = await AegisServer.StartAsync(
            new ServerOptions { Home = home, Port = 0 }, Composition.OpenRoomsAsync,
            NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);
        var key = JsonElement.Parse(await File.ReadAllBytesAsync(Path.Combine(home, "admin-key.json")));
        await using var rpc = await RpcConnection.OpenAsync(server.Url, key.GetProperty("key").GetString(),
            project: key.GetProperty("project").GetString());
        using var launcher = new ProcessLauncher();
        // what the first terminal's bytes go through is still being compiled
        await ThroughputAsync(rpc, megabytes, LineBytes, record: true);
        var lines = await RatesAsync(rpc, launcher, home, megabytes, LineBytes, rounds);
        var longer = await RatesAsync(rpc, launcher, home, megabytes, LongLineBytes, rounds);
        var echoes = await EchoAsync(rpc, quick ? 2_000 : 10_000);
        var figures = new SortedDictionary<string, object>
        {
            ["pty_raw_mb_per_second"] = lines.Raw,
            ["pty_mb_per_second"] = lines.Product,
            ["pty_recorded_mb_per_second"] = lines.Recorded,
            ["pty_long_raw_mb_per_second"] = longer.Raw,
            ["pty_long_mb_per_second"] = longer.Product,
            ["pty_long_recorded_mb_per_second"] = longer.Recorded,
            ["pty_echo_ms_p50"] = Median(echoes),
            ["pty_echo_ms_p99"] = echoes.Order().ElementAt(echoes.Count * 99 / 100),
        };
        return figures;
    }

    /// <summary>Side by side, so that all three see the same machine; the medians.</summary>
    private static async Task<Rates> RatesAsync(RpcConnection rpc, ProcessLauncher launcher, string home,
        int megabytes, int lineBytes, int rounds)
    {
        var (raw, plain, recorded) = (new List<double>(), new List<double>(), new List<double>());
        var file = Path.Combine(home, "lines");
        await File.WriteAllBytesAsync(file, Lines(megabytes, lineBytes));
        for (var round = 0; round < rounds; round++)
        {
            raw.Add(await RawAsync(launcher, file));
            plain.Add(await ThroughputAsync(rpc, megabytes, lineBytes, record: false));
            recorded.Add(await ThroughputAsync(rpc, megabytes, lineBytes, record: true));
            Console.WriteLine($"lines of {lineBytes}: raw {raw[^1]:0} MB/s, product {plain[^1]:0}, "
                + $"recording {recorded[^1]:0}");
        }
        return new Rates(Median(raw), Median(plain), Median(recorded));
    }

    private static async Task<double> RawAsync(ProcessLauncher launcher, string file)
    {
        await using var process = await launcher.StartAsync(new ProcessSpec("cat", [file],
            ImmutableSortedDictionary<string, string>.Empty.Add("PATH", "/usr/bin:/bin"),
            Pty: PtySize.Default));
        using var end = process.Terminal!.TakeEnd();
        var clock = Stopwatch.StartNew();
        var bytes = await Task.Factory.StartNew(() =>
        {
            var (total, buffer) = (0L, new byte[64 * 1024]);
            while (true)
            {
                switch (end.Read(buffer))
                {
                    case 0:
                        return total;
                    case -1:
                        end.WaitReadable();
                        break;
                    case var read:
                        total += read;
                        break;
                }
            }
        }, TaskCreationOptions.LongRunning);
        return bytes / clock.Elapsed.TotalSeconds / 1e6;
    }

    private static async Task<double> ThroughputAsync(
        RpcConnection rpc, int megabytes, int lineBytes, bool record)
    {
        var (bytes, ended) = (0L, new TaskCompletionSource());
        var ready = new TaskCompletionSource();
        var shell = await rpc.TerminalAsync("pty.open", new JsonObject { ["record"] = record }, piece =>
        {
            bytes += piece.Length;
            if (HasEnd(piece.Span))
            {
                (ready.Task.IsCompleted ? ended : ready).TrySetResult();
            }
            return default;
        });
        var lines = megabytes * 1_000_000 / lineBytes;
        var typed = await TypeAsync(shell, 0,
            $"stty -echo; PS1=; yes '{Line(lineBytes)}' | head -n {lines} > lines;"
            + " echo EN''D\n");
        await ready.Task;
        bytes = 0;
        var clock = Stopwatch.StartNew();
        await TypeAsync(shell, typed, "cat lines; echo EN''D\n");
        await ended.Task;
        var rate = bytes / clock.Elapsed.TotalSeconds / 1e6;
        await shell.CloseAsync();
        return rate;
    }

    private static async Task<List<double>> EchoAsync(RpcConnection rpc, int keys)
    {
        var (ready, shown) = (new TaskCompletionSource(), new SemaphoreSlim(0));
        var cat = await rpc.TerminalAsync("pty.open", new JsonObject { ["cmd"] = "echo END; cat" }, piece =>
        {
            if (!ready.Task.IsCompleted)
            {
                if (HasEnd(piece.Span))
                {
                    ready.TrySetResult();
                }
                return default;
            }
            if (piece.Span.Contains((byte)'k'))
            {
                shown.Release();
            }
            return default;
        });
        await ready.Task;
        var (times, typed) = (new List<double>(), 0L);
        var echoed = new byte[] { (byte)'k' };
        for (var i = 0; i < keys; i++)
        {
            if (i % EchoLine == EchoLine - 1)
            {
                // cat says the line again, which is no echo
                await cat.TypeAsync(new byte[] { 21 }, typed++);
            }
            var clock = Stopwatch.GetTimestamp();
            await cat.TypeAsync(echoed, typed++);
            await shown.WaitAsync();
            times.Add(Stopwatch.GetElapsedTime(clock).TotalMilliseconds);
        }
        await cat.CloseAsync();
        // what the first ones met was still being compiled
        return times[(keys / 4)..];
    }

    private static async Task<long> TypeAsync(RemoteTerminal terminal, long offset, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        await terminal.TypeAsync(bytes, offset);
        return offset + bytes.Length;
    }

    private static byte[] Lines(int megabytes, int lineBytes)
    {
        var line = Encoding.ASCII.GetBytes(Line(lineBytes) + "\n");
        var all = new byte[line.Length * (megabytes * 1_000_000 / lineBytes)];
        for (var at = 0; at < all.Length; at += line.Length)
        {
            line.CopyTo(all, at);
        }
        return all;
    }

    private static string Line(int bytes) =>
        new string('x', bytes * 4 / 10 - 1) + " " + new string('y', bytes - 1 - bytes * 4 / 10);

    // the shell's prompt may stand behind it
    private static bool HasEnd(ReadOnlySpan<byte> piece) =>
        piece[Math.Max(0, piece.Length - 64)..].IndexOf(End) >= 0;

    private sealed record Rates(double Raw, double Product, double Recorded);

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
