using Aegis.Gate;
using Aegis.Models;

namespace Aegis.Tools.Tests.Support;

/// <summary>Does something just before the first command that holds two given arguments.</summary>
public sealed class MeddlingExecution(HostExecution inner, string first, string second, Action meddle)
    : Execution, IDisposable
{
    private Action? pending = meddle;

    public override CallContext Context => inner.Context;

    public override string ScratchDirectory { get; } =
        Directory.CreateTempSubdirectory("aegis-meddling-").FullName;

    public override ValueTask<CommandResult> SandboxAsync(SandboxCommand command, CancellationToken cancel)
    {
        Meddle(string.Join('\n', command.Argv));
        return inner.SandboxAsync(command, cancel);
    }

    public override ValueTask<CommandResult> HostAsync(HostCommand command, CancellationToken cancel)
    {
        Meddle(string.Join('\n', command.Arguments));
        return inner.HostAsync(command, cancel);
    }

    public override ValueTask<ModelReply> ChatAsync(ModelRequest request, CancellationToken cancel) =>
        inner.ChatAsync(request, cancel);

    public override ValueTask<ForgeReply> ForgeAsync(ForgeRequest request, CancellationToken cancel) =>
        inner.ForgeAsync(request, cancel);

    public override ValueTask<HttpReply> HttpAsync(HttpCall call, CancellationToken cancel) =>
        inner.HttpAsync(call, cancel);

    public override void Log(string text) => inner.Log(text);

    public void Dispose() => Directory.Delete(ScratchDirectory, recursive: true);

    private void Meddle(string arguments)
    {
        if (pending is { } act && arguments.Contains(first, StringComparison.Ordinal)
            && arguments.Contains(second, StringComparison.Ordinal))
        {
            pending = null;
            act();
        }
    }
}
