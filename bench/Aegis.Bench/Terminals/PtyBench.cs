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
        var raw = new List<double>();
        var plain = new List<double>();
        var recorded = new List<double>();
        using var launcher = new ProcessLauncher();
        var file = Path.Combine(home, "lines");
        await File.WriteAllBytesAsync(file, Lines(megabytes));
        // what the first terminal's bytes go through is still being compiled
        await ThroughputAsync(rpc, megabytes, record: true);
        for (var round = 0; round < rounds; round++)
        {
            // side by side, so that all three see the same machine
            raw.Add(await RawAsync(launcher, file));
            plain.Add(await ThroughputAsync(rpc, megabytes, record: false));
            recorded.Add(await ThroughputAsync(rpc, megabytes, record: true));
            Console.WriteLine($"raw {raw[^1]:0} MB/s, product {plain[^1]:0}, recording {recorded[^1]:0}");
        }
        var echoes = await EchoAsync(rpc, quick ? 2_000 : 10_000);
        var figures = new SortedDictionary<string, object>
        {
            ["pty_raw_mb_per_second"] = Median(raw),
            ["pty_mb_per_second"] = Median(plain),
            ["pty_recorded_mb_per_second"] = Median(recorded),
            ["pty_echo_ms_p50"] = Median(echoes),
            ["pty_echo_ms_p99"] = echoes.Order().ElementAt(echoes.Count * 99 / 100),
        };
        return figures;
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

    private static async Task<double> ThroughputAsync(RpcConnection rpc, int megabytes, bool record)
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
        var lines = megabytes * 10_000;
        var typed = await TypeAsync(shell, 0,
            $"stty -echo; PS1=; yes '{new string('x', 39)} {new string('y', 59)}' | head -n {lines} > lines;"
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

    private static byte[] Lines(int megabytes)
    {
        var line = Encoding.ASCII.GetBytes(new string('x', 39) + " " + new string('y', 59) + "\n");
        var all = new byte[line.Length * megabytes * 10_000];
        for (var at = 0; at < all.Length; at += line.Length)
        {
            line.CopyTo(all, at);
        }
        return all;
    }

    // the shell's prompt may stand behind it
    private static bool HasEnd(ReadOnlySpan<byte> piece) =>
        piece[Math.Max(0, piece.Length - 64)..].IndexOf(End) >= 0;

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
