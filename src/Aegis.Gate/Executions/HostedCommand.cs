using System.Collections.Immutable;
using Aegis.Processes;

namespace Aegis.Gate;

/// <summary>A declared program on the host, with nothing of the server's environment.</summary>
internal static class HostedCommand
{
    private static readonly ImmutableSortedDictionary<string, string> CleanEnv =
        ImmutableSortedDictionary<string, string>.Empty
            .Add("PATH", "/usr/local/bin:/usr/bin:/bin").Add("LANG", "C.UTF-8").Add("HOME", "/nonexistent");

    public static async ValueTask<CommandResult> RunAsync(GateExecution execution, HostCommand command,
        CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(command.Timeout ?? TimeSpan.FromMinutes(5));
        var (stdout, stderr) = (new TailCapture(execution.Redactor, command.CaptureBytesMax),
            new TailCapture(execution.Redactor, command.CaptureBytesMax));
        await using var process = await execution.Parts.Launcher.StartAsync(new ProcessSpec(command.Program,
            command.Arguments, command.Env is null ? CleanEnv : CleanEnv.SetItems(command.Env),
            command.WorkingDirectory), cancel);
        using var kill = limit.Token.Register(process.KillTree);
        var log = command.Quiet ? null : execution.OpenLog();
        await Task.WhenAll(DrainAsync(process.Stdout, stdout, log), DrainAsync(process.Stderr, stderr, log));
        var exit = await process.Exited;
        cancel.ThrowIfCancellationRequested();
        return new CommandResult(
            exit.ShellCode, limit.IsCancellationRequested, stdout.Finish(), stderr.Finish(),
            stdout.Total, stderr.Total);
    }

    private static async Task DrainAsync(Stream from, TailCapture into, Logs.CallLog? log)
    {
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await from.ReadAsync(buffer)) > 0)
        {
            into.Add(buffer.AsSpan(0, read));
            if (log is not null)
            {
                await log.WriteAsync(buffer.AsMemory(0, read));
            }
        }
    }
}
