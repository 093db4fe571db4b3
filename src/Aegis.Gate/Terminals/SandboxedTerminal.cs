using Aegis.Gate.Logs;
using Aegis.Sandbox;

namespace Aegis.Gate.Terminals;

/// <summary>A tool's terminal as a sandbox run: the same walls as any command, with people at its
/// end.</summary>
internal static class SandboxedTerminal
{
    private const string MediaType = "application/x-asciicast";

    public static async ValueTask<TerminalOutcome> RunAsync(
        GateExecution execution, TerminalOrder order, CancellationToken cancel)
    {
        var parts = execution.Parts;
        using var closing = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var recording = order.Record
            ? new Asciicast(Path.Combine(execution.ScratchDirectory, "terminal.cast"), order, parts.Time)
            : null;
        var terminal = new LiveTerminal(execution.Context, order, parts.Time, recording, closing);
        // once it is to end, nobody is waited for
        using var loose = closing.Token.Register(terminal.Tape.LetGo);
        var outcome = new TerminalOutcome(null, false, true, 0);
        try
        {
            var io = new SandboxIo(ReadTerminal: pty =>
            {
                var read = terminal.ReadAsync(pty, execution.Redactor);
                // whoever finds it can type at once
                parts.Terminals.Add(terminal);
                return read;
            });
            var spec = await SandboxedCommand.SpecAsync(execution, order.Command, closing.Token);
            var ran = await SandboxedCommand.MeteredAsync(execution, spec, io, closing.Token);
            outcome = new TerminalOutcome(ran.ExitCode ?? 128 + ran.Signal!.Value, ran.TimedOut, false, 0);
            execution.Walled(ran.Walls);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // somebody closed it
        }
        finally
        {
            recording?.Dispose();
            await terminal.EndAsync(outcome);
            parts.Terminals.Retire(terminal);
        }
        return outcome with
        {
            Bytes = terminal.Tape.End,
            Recording = recording is null ? null : await KeepAsync(execution, recording, cancel),
        };
    }

    private static async ValueTask<string?> KeepAsync(
        GateExecution execution, Asciicast recording, CancellationToken cancel)
    {
        await using var file = File.OpenRead(recording.Path);
        var made = await execution.PutArtifactAsync(new ArtifactPut(
            null, $"terminals/{execution.Context.Run}.cast", file, MediaType: MediaType), cancel);
        return made?.ArtifactId;
    }
}
