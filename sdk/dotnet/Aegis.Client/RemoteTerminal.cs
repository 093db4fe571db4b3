using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Sealing;

namespace Aegis.Client;

/// <summary>How an attachment to a terminal ended.</summary>
/// <param name="ExitCode">Of its program; null where it was closed, or is still running.</param>
/// <param name="Reason"><c>exit</c>, <c>taken</c> (another connection owns it now), or <c>lost</c> (this
/// connection ended; the terminal goes on).</param>
public sealed record TerminalEnd(string Reason, int? ExitCode);

/// <summary>An attached terminal. Where the connection is lost, attach again with <see cref="Offset"/> and
/// send input again from the <c>input_offset</c> of the answer: nothing is lost and nothing typed
/// twice.</summary>
public sealed class RemoteTerminal
{
    private const int AckEvery = 128 * 1024;
    private readonly RpcConnection connection;
    private readonly Func<ReadOnlyMemory<byte>, ValueTask> onOutput;
    private readonly TaskCompletionSource<TerminalEnd> ended =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private long acknowledged;
    private uint channel;

    internal RemoteTerminal(RpcConnection connection, Func<ReadOnlyMemory<byte>, ValueTask> onOutput) =>
        (this.connection, this.onOutput) = (connection, onOutput);

    /// <summary>The terminal's id, with which it is attached to again.</summary>
    public string Session { get; private set; } = "";

    /// <summary>The first byte that has not been received.</summary>
    public long Offset { get; private set; }

    /// <summary>Bytes of input that the terminal had taken when this was attached.</summary>
    public long InputOffset { get; private set; }

    public int Columns { get; private set; }

    public int Rows { get; private set; }

    public Task<TerminalEnd> Ended => ended.Task;

    /// <summary>Types bytes that begin at an offset of all input.</summary>
    public ValueTask TypeAsync(ReadOnlyMemory<byte> bytes, long offset)
    {
        var frame = new byte[TerminalFrame.HeaderBytes + bytes.Length];
        new TerminalFrame(TerminalFrame.Input, channel, offset).Write(frame);
        bytes.CopyTo(frame.AsMemory(TerminalFrame.HeaderBytes));
        return connection.SendAsync(frame);
    }

    public Task ResizeAsync(int columns, int rows, CancellationToken cancel = default) =>
        connection.CallAsync("pty.resize", new JsonObject
        {
            ["session"] = Session, ["columns"] = columns, ["rows"] = rows,
        }, cancel: cancel);

    /// <summary>Ends its program with all that it started.</summary>
    public Task CloseAsync(CancellationToken cancel = default) =>
        connection.CallAsync("pty.close", new JsonObject { ["session"] = Session }, cancel: cancel);

    /// <summary>Leaves it running.</summary>
    public Task DetachAsync(CancellationToken cancel = default) =>
        connection.CallAsync("pty.detach", new JsonObject { ["session"] = Session }, cancel: cancel);

    internal void Begin(JsonElement answer)
    {
        Session = answer.GetProperty("session").GetString()!;
        channel = answer.GetProperty("channel").GetUInt32();
        Offset = acknowledged = answer.GetProperty("offset").GetInt64();
        InputOffset = answer.GetProperty("input_offset").GetInt64();
        (Columns, Rows) = (answer.GetProperty("columns").GetInt32(), answer.GetProperty("rows").GetInt32());
    }

    internal async ValueTask ShowAsync(TerminalFrame frame, ReadOnlyMemory<byte> bytes)
    {
        await onOutput(bytes);
        Offset = frame.Offset + bytes.Length;
        if (Offset - acknowledged >= AckEvery)
        {
            acknowledged = Offset;
            var ack = new byte[TerminalFrame.HeaderBytes];
            new TerminalFrame(TerminalFrame.Ack, channel, Offset).Write(ack);
            await connection.SendAsync(ack);
        }
    }

    internal void Tell(string what, JsonElement message)
    {
        if (what is "pty.exit" or "pty.taken")
        {
            ended.TrySetResult(new TerminalEnd(what["pty.".Length..],
                message.TryGetProperty("exit_code", out var code) && code.ValueKind == JsonValueKind.Number
                    ? code.GetInt32() : null));
        }
    }

    internal void Lost() => ended.TrySetResult(new TerminalEnd("lost", null));
}
