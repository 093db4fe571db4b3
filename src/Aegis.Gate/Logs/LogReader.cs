using Aegis.Core.Runs;
using System.Runtime.CompilerServices;
using Aegis.Core;
using Aegis.Core.Errors;
using Microsoft.Win32.SafeHandles;

namespace Aegis.Gate.Logs;

/// <summary>Reads logs, live and finished, from any offset, in pieces of at most 64 KiB. A piece is valid
/// until the next one is asked for.</summary>
public sealed class LogReader
{
    public const int PieceBytesMax = 64 * 1024;

    private readonly CallLogs _logs;
    private readonly LogArchive _archive;

    internal LogReader(CallLogs logs, LogArchive archive) => (_logs, _archive) = (logs, archive);

    /// <summary>The log of a call from an offset. With follow, waits for more until the call ends, woken by
    /// its writer; without, ends at what is there.</summary>
    /// <exception cref="AegisException">AEGIS2301 no such log, 2302 gone, 2303 offset behind the
    /// end.</exception>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> FollowAsync(RunId run, string step, int attempt,
        long offset, bool follow, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        var key = new LogKey(run, step, attempt);
        using var file = OpenFile(key);
        var live = _logs.Live(key);
        CheckOffset(offset, Math.Max(live?.Length ?? 0, RandomAccess.GetLength(file)));
        var buffer = new byte[PieceBytesMax];
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            // in this order, or a write between the look and the wait would be slept through
            var changed = live?.Changed.Next;
            var ended = live?.Ended ?? true;
            var read = await RandomAccess.ReadAsync(file, buffer, offset, cancel);
            if (read > 0)
            {
                offset += read;
                yield return buffer.AsMemory(0, read);
            }
            else if (ended || !follow)
            {
                yield break;
            }
            else
            {
                await changed!.WaitAsync(cancel);
            }
        }
    }

    /// <summary>A finished log by the hash that its event carries.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(LogRef log, long offset,
        [EnumeratorCancellation] CancellationToken cancel = default)
    {
        CheckOffset(offset, log.Bytes);
        using var file = _archive.Open(log.Hash);
        var buffer = new byte[PieceBytesMax];
        int read;
        for (; (read = await RandomAccess.ReadAsync(file, buffer, offset, cancel)) > 0; offset += read)
        {
            yield return buffer.AsMemory(0, read);
        }
    }

    // An open handle outlives the rename into the archive; where the spool is gone, the note of its hash was
    // written before the rename.
    private SafeFileHandle OpenFile(LogKey key) =>
        TryOpenSpool(key)
        ?? (_logs.Finished(key) is { } done ? _archive.Open(done.Hash) : null)
        ?? throw new AegisException(LogErrors.Unknown(key));

    private SafeFileHandle? TryOpenSpool(LogKey key)
    {
        try
        {
            return File.OpenHandle(_logs.SpoolPath(key), FileMode.Open, FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static void CheckOffset(long offset, long bytes)
    {
        if (offset < 0 || offset > bytes)
        {
            throw new AegisException(LogErrors.Offset(offset, bytes));
        }
    }
}
