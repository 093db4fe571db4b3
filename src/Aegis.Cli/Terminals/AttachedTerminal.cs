using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Aegis.Client;
using Microsoft.Win32.SafeHandles;

namespace Aegis.Cli.Terminals;

/// <summary>
/// This terminal in front of one in the sandbox. Keys go there as they are typed; Ctrl-] leaves it running. A
/// connection that is lost is made again: output goes on at the byte where it stopped, and what was typed
/// meanwhile is sent once more from where the terminal stands.
/// </summary>
internal sealed class AttachedTerminal(CommandDesk desk, AegisClient client) : IDisposable
{
    /// <summary>Typed bytes that are kept to be sent again; more than any hand types in an outage.</summary>
    private const int KeptBytesMax = 1024 * 1024;

    private const byte DetachKey = 0x1d;
    private const byte EndOfInput = 4;
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan GiveUp = TimeSpan.FromMinutes(10);

    private readonly Stream output = Console.OpenStandardOutput();
    private readonly SemaphoreSlim typing = new(1);
    private readonly List<byte> kept = [];
    private readonly TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RpcConnection? connection;
    private RemoteTerminal? terminal;
    private long keptFrom;
    private long typed;

    /// <summary>Opens (<c>pty.open</c>) or attaches (<c>pty.attach</c>), and stays until the program ends or
    /// the key to leave is typed; its exit code.</summary>
    public async Task<int> RunAsync(string op, JsonObject members, bool types, CancellationToken cancel)
    {
        if (op == "pty.open" && !Console.IsOutputRedirected)
        {
            (members["columns"], members["rows"]) = (Console.WindowWidth, Console.WindowHeight);
        }
        await ConnectAsync(op, members, cancel);
        keptFrom = typed = terminal!.InputOffset;
        using var raw = types ? RawMode.Enter() : null;
        if (raw is not null)
        {
            desk.Terminal.Error.Write($"[{terminal.Session}; Ctrl-] leaves it running]\r\n");
        }
        using var sizes = types ? PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => Resize()) : null;
        if (types)
        {
            Resize();
            _ = Task.Factory.StartNew(() => ReadKeysAsync(cancel), cancel, TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
        }
        return await StayAsync(raw is not null, cancel);
    }

    public void Dispose() => typing.Dispose();

    private async Task<int> StayAsync(bool raw, CancellationToken cancel)
    {
        var newline = raw ? "\r\n" : "\n";
        while (true)
        {
            var end = await Task.WhenAny(terminal!.Ended, left.Task) == left.Task
                ? new TerminalEnd("left", null)
                : await terminal.Ended.WaitAsync(cancel);
            if (end.Reason == "lost")
            {
                desk.Terminal.Error.Write($"{newline}[connection lost; coming back]{newline}");
                await ComeBackAsync(cancel);
                continue;
            }
            await connection!.DisposeAsync();
            if (end.Reason is "left" or "taken")
            {
                var how = end.Reason == "left" ? "left" : "taken over by another";
                desk.Terminal.Error.Write($"{newline}[{how}; aegis attach {terminal.Session}]{newline}");
                return ExitCode.Ok;
            }
            return end.ExitCode ?? ExitCode.Cancelled;
        }
    }

    private async Task ComeBackAsync(CancellationToken cancel)
    {
        var (session, offset) = (terminal!.Session, terminal.Offset);
        var since = TimeProvider.System.GetTimestamp();
        await connection!.DisposeAsync();
        while (true)
        {
            try
            {
                await ConnectAsync("pty.attach",
                    new JsonObject { ["session"] = session, ["offset"] = offset }, cancel);
                break;
            }
            catch (Exception e) when (e is AegisUnreachableException or IOException
                && TimeProvider.System.GetElapsedTime(since) < GiveUp)
            {
                await Task.Delay(Again, cancel);
            }
        }
        await typing.WaitAsync(cancel);
        try
        {
            var from = (int)Math.Clamp(terminal!.InputOffset - keptFrom, 0, kept.Count);
            if (from < kept.Count)
            {
                await terminal.TypeAsync(kept.Skip(from).ToArray(), keptFrom + from);
            }
        }
        finally
        {
            typing.Release();
        }
        Resize();
    }

    private async Task ConnectAsync(string op, JsonObject members, CancellationToken cancel)
    {
        connection = await client.OpenRpcAsync(cancel);
        terminal = await connection.TerminalAsync(op, members, async piece =>
        {
            await output.WriteAsync(piece);
            await output.FlushAsync();
        }, cancel);
    }

    private async Task ReadKeysAsync(CancellationToken cancel)
    {
        // the runtime's own stream of a terminal reads and echoes whole lines
        using var stdin = new SafeFileHandle(0, ownsHandle: false);
        await using var keys = new FileStream(stdin, FileAccess.Read, bufferSize: 0);
        var buffer = new byte[4096];
        while (!cancel.IsCancellationRequested)
        {
            var read = await keys.ReadAsync(buffer, cancel);
            var piece = read == 0 ? [EndOfInput] : buffer[..read];
            var leave = Console.IsInputRedirected ? -1 : Array.IndexOf(piece, DetachKey);
            await TypeAsync(leave < 0 ? piece : piece[..leave], cancel);
            if (leave >= 0)
            {
                left.TrySetResult();
            }
            if (leave >= 0 || read == 0)
            {
                return;
            }
        }
    }

    private async Task TypeAsync(byte[] bytes, CancellationToken cancel)
    {
        await typing.WaitAsync(cancel);
        try
        {
            kept.AddRange(bytes);
            if (kept.Count > KeptBytesMax)
            {
                keptFrom += kept.Count - KeptBytesMax;
                kept.RemoveRange(0, kept.Count - KeptBytesMax);
            }
            await terminal!.TypeAsync(bytes, typed);
            typed += bytes.Length;
        }
        catch (Exception e) when (e is IOException or System.Net.WebSockets.WebSocketException
            or ObjectDisposedException or OperationCanceledException)
        {
            // it is kept, and sent when the connection is back
            typed += bytes.Length;
        }
        finally
        {
            typing.Release();
        }
    }

    private async void Resize()
    {
        if (Console.IsOutputRedirected || Console.WindowWidth < 1)
        {
            return;
        }
        try
        {
            await terminal!.ResizeAsync(Console.WindowWidth, Console.WindowHeight);
        }
        catch (Exception e) when (e is RpcException or IOException or OperationCanceledException
            or System.Net.WebSockets.WebSocketException or ObjectDisposedException)
        {
            // it has ended, or the next connection says the size again
        }
    }
}
