using System.Buffers;

namespace Aegis.Sandbox;

/// <summary>Carries a command's output in pieces, one at a time: a slow taker slows the command down, and
/// nothing piles up here.</summary>
internal static class OutputPump
{
    public const int PieceBytes = 64 * 1024;

    public static async Task RunAsync(Stream from, Func<ReadOnlyMemory<byte>, ValueTask>? take)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            int read;
            while ((read = await from.ReadAsync(buffer.AsMemory(0, PieceBytes))) > 0)
            {
                if (take is not null)
                {
                    await take(buffer.AsMemory(0, read));
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Feeds a command's stdin and closes it. A command that does not read it all is no
    /// error.</summary>
    public static async Task FeedAsync(Stream from, Stream to, CancellationToken cancel)
    {
        try
        {
            await from.CopyToAsync(to, cancel);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // the command ended, or is being ended: its exit code says how
        }
        finally
        {
            await from.DisposeAsync();
            await to.DisposeAsync();
        }
    }

    /// <summary>A taker that writes a file of a stated maximum.</summary>
    public static Func<ReadOnlyMemory<byte>, ValueTask> IntoFile(FileStream file, long bytesMax)
    {
        var written = 0L;
        return async piece =>
        {
            written += piece.Length;
            if (written > bytesMax)
            {
                throw SandboxErrors.StdoutTooLarge(bytesMax);
            }
            await file.WriteAsync(piece);
        };
    }
}
