using System.Net;
using Aegis.Core.Errors;

namespace Aegis.Discovery.Store;

/// <summary>
/// Loads one file: goes on where it was cut, without asking again for what is there; never takes more bytes
/// than the hub states; and gives the file its name only after its hash was found right.
/// </summary>
internal sealed class FileLoad(HubLine line, ModelHubOptions options, TimeProvider time, ModelPlace place,
    ManifestFile file, string? token, Action<long> told)
{
    private const int BufferBytes = 128 * 1024;
    private const int NoSpace = 28;

    private readonly byte[] buffer = new byte[BufferBytes];
    private long there;

    public async Task RunAsync(CancellationToken cancel)
    {
        if (place.IsDone(file))
        {
            return;
        }
        using var check = new FileCheck(file);
        await ReadThereAsync(check, cancel);
        await LoadAsync(check, cancel);
        if (check.Wrong() is var (expected, got))
        {
            place.Discard(file);
            throw StoreErrors.WrongHash(file.Path, expected, got);
        }
        place.Finish(file);
    }

    private async Task ReadThereAsync(FileCheck check, CancellationToken cancel)
    {
        if (place.HalfBytes(file) == 0)
        {
            return;
        }
        await using var half = place.Read(file);
        for (int read; (read = await half.ReadAsync(buffer, cancel)) > 0; there += read)
        {
            check.Add(buffer.AsSpan(0, read));
        }
        told(there);
    }

    private async Task LoadAsync(FileCheck check, CancellationToken cancel)
    {
        var half = place.Open(file);
        try
        {
            var tries = 0;
            for (var requests = 1; there < file.Bytes; requests++)
            {
                var before = there;
                var why = await TryAsync(half, check, cancel);
                tries = there > before ? 0 : tries + 1;
                if (why is null && there < file.Bytes)
                {
                    why = "the connection was cut";
                }
                if (why is not null
                    && (tries >= ModelHubOptions.TriesMax || requests >= ModelHubOptions.RequestsMax))
                {
                    throw StoreErrors.Unreachable(line.Host, why);
                }
                if (why is not null)
                {
                    await Task.Delay(options.RetryAfter * (1 << tries), time, cancel);
                }
            }
            await FlushAsync(half, cancel);
        }
        finally
        {
            await half.DisposeAsync();
        }
    }

    /// <returns>Why it should be tried again; null where the answer was read to its end.</returns>
    private async Task<string?> TryAsync(Stream half, FileCheck check, CancellationToken cancel)
    {
        using var stall = new CancellationTokenSource(options.StallAfter, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stall.Token, cancel);
        try
        {
            using var reply = await line.GetAsync(Url(), token, there, stop.Token);
            if ((int)reply.Message.StatusCode is 429 or >= 500)
            {
                return $"HTTP {(int)reply.Message.StatusCode}";
            }
            Accept(reply, half, check);
            await using var body = await reply.Message.Content.ReadAsStreamAsync(stop.Token);
            while (true)
            {
                stall.CancelAfter(options.StallAfter);
                var read = await body.ReadAsync(buffer, stop.Token);
                if (read == 0)
                {
                    return null;
                }
                await TakeAsync(half, check, read, cancel);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return "no bytes came for too long";
        }
        catch (HttpRequestException e)
        {
            return e.HttpRequestError.ToString();
        }
        catch (IOException e) when (e is not DiskException)
        {
            return "the connection was cut";
        }
        catch (DiskException e)
        {
            throw e.IsFull ? StoreErrors.DiskFull(file.Bytes - there, null) : e.InnerException!;
        }
    }

    private Uri Url() => line.Url($"/{place.Manifest.Name.Repository}/resolve/{place.Manifest.Revision}/"
        + string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString)));

    /// <summary>What kind of answer it is: the rest, or the whole from the beginning.</summary>
    private void Accept(HubReply reply, Stream half, FileCheck check)
    {
        if (reply.LinkedSha256 is { } linked && file.Sha256 is { } stated && linked != stated)
        {
            throw StoreErrors.WrongHash(file.Path, stated, linked);
        }
        switch (reply.Message.StatusCode)
        {
            case HttpStatusCode.PartialContent
                when reply.Message.Content.Headers.ContentRange?.From == there:
                return;
            case HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable:
                throw StoreErrors.BadAnswer($"of {file.Path} it sends other bytes than from {there} on");
            case HttpStatusCode.OK:
                if (there > 0)
                {
                    half.SetLength(0);
                    check.Restart();
                    there = 0;
                }
                return;
            default:
                throw StoreErrors.Refused($"file {file.Path}", (int)reply.Message.StatusCode);
        }
    }

    private async Task TakeAsync(Stream half, FileCheck check, int read, CancellationToken cancel)
    {
        if (there + read > file.Bytes)
        {
            await half.DisposeAsync();
            place.Discard(file);
            throw StoreErrors.WrongHash(file.Path, StoreErrors.Bytes(file.Bytes), "more");
        }
        await OnDiskAsync(async () => await half.WriteAsync(buffer.AsMemory(0, read), cancel));
        check.Add(buffer.AsSpan(0, read));
        there += read;
        told(there);
    }

    private async Task FlushAsync(Stream half, CancellationToken cancel)
    {
        try
        {
            await OnDiskAsync(async () =>
            {
                await half.FlushAsync(cancel);
                (half as FileStream)?.Flush(flushToDisk: true);
            });
        }
        catch (DiskException e)
        {
            throw e.IsFull ? StoreErrors.DiskFull(file.Bytes, null) : e.InnerException!;
        }
    }

    private static async Task OnDiskAsync(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (IOException e)
        {
            throw new DiskException(e);
        }
    }

    /// <summary>The disk failed, not the network.</summary>
    private sealed class DiskException(IOException inner) : IOException(inner.Message, inner)
    {
        public bool IsFull => InnerException!.HResult == NoSpace;
    }
}
