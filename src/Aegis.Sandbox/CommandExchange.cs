using Aegis.Processes;

namespace Aegis.Sandbox;

/// <summary>A running command's input and output.</summary>
internal static class CommandExchange
{
    /// <summary>Carries both until the command has ended.</summary>
    /// <param name="errors">Gets the last of stderr.</param>
    public static async Task RunAsync(LaunchedProcess process, SandboxSpec spec, SandboxIo io,
        OutputTail errors, CancellationToken ending)
    {
        io.OnTerminal?.Invoke(process.Terminal!);
        await using var file = io.StdoutFile is null ? null : NewFile(io.StdoutFile);
        var stdout = io.ReadTerminal?.Invoke(process.Terminal!)
            ?? OutputPump.RunAsync(process.Stdout, file is null
                ? Taker(io, OutputChannel.Stdout)
                : OutputPump.IntoFile(file, SandboxIo.StdoutFileBytesMax));
        var take = Taker(io, OutputChannel.Stderr);
        var stderr = OutputPump.RunAsync(process.Stderr, piece =>
        {
            errors.Add(piece.Span);
            return take is null ? default : take(piece);
        });
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ending);
        var stdin = InputAsync(process, spec, io, over.Token);
        try
        {
            await Task.WhenAll(EndingOnFailure(stdout, process), EndingOnFailure(stderr, process));
        }
        finally
        {
            await process.Exited;
            // nobody reads any more what is still to come
            await over.CancelAsync();
            await stdin;
        }
    }

    /// <summary>A taker that fails ends the command: nobody would empty its pipe any more.</summary>
    private static async Task EndingOnFailure(Task pump, LaunchedProcess process)
    {
        try
        {
            await pump;
        }
        catch
        {
            process.KillTree();
            throw;
        }
    }

    private static async Task InputAsync(LaunchedProcess process, SandboxSpec spec, SandboxIo io,
        CancellationToken ending)
    {
        if (spec.Pty)
        {
            if (io.OnTerminal is null && io.ReadTerminal is null)
            {
                // nobody types: the input, then end of transmission
                await process.Stdin.WriteAsync(io.Stdin, CancellationToken.None);
                await process.Stdin.WriteAsync(new byte[] { 4 }, CancellationToken.None);
            }
            return;
        }
        if (io.StdinStream is not null)
        {
            await OutputPump.FeedAsync(io.StdinStream, process.Stdin, ending);
        }
        else if (io.StdinFile is not null)
        {
            await OutputPump.FeedAsync(File.OpenRead(io.StdinFile), process.Stdin, ending);
        }
        else if (io.Stdin.IsEmpty)
        {
            await process.Stdin.DisposeAsync();
        }
        else
        {
            await OutputPump.FeedAsync(new MemoryStream(io.Stdin.ToArray(), writable: false), process.Stdin,
                ending);
        }
    }

    private static Func<ReadOnlyMemory<byte>, ValueTask>? Taker(SandboxIo io, OutputChannel channel) =>
        io.OnOutput is { } take ? piece => take(channel, piece) : null;

    private static FileStream NewFile(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.Create,
        Access = FileAccess.Write,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });
}
