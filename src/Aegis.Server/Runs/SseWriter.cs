using System.Buffers;
using System.Text;

namespace Aegis.Server.Runs;

/// <summary>Writes server-sent events. Each write waits until the client has taken it (the transport buffers
/// 64 KiB at most) and gives up after a while, so a client that stops reading costs no memory and no
/// thread.</summary>
internal sealed class SseWriter(HttpContext http, CancellationToken cancel)
{
    public const string MediaType = "text/event-stream";

    private const int GatheredBytesMax = 16 * 1024;

    public static bool IsAskedFor(HttpRequest request) =>
        request.Headers.Accept.Any(
            a => a is not null && a.Contains(MediaType, StringComparison.OrdinalIgnoreCase));

    public async ValueTask OpenAsync()
    {
        http.Response.ContentType = MediaType;
        http.Response.Headers.CacheControl = "no-store";
        // a buffering proxy would hold events back
        http.Response.Headers["X-Accel-Buffering"] = "no";
        await http.Response.StartAsync(cancel);
        await CommentAsync("open");
    }

    public ValueTask CommentAsync(string words)
    {
        Text($": {words}\n\n");
        return FlushAsync();
    }

    public ValueTask MessageAsync(string? kind, string id, ReadOnlyMemory<byte> json)
    {
        Message(kind, id, json.Span);
        return FlushAsync();
    }

    /// <summary>Adds a message without flushing.</summary>
    public void Message(string? kind, string id, ReadOnlySpan<byte> json)
    {
        if (kind is not null)
        {
            Text($"event: {kind}\n");
        }
        Text($"id: {id}\n");
        // stored JSON may hold line breaks between its members; each line is a data field of its own
        while (true)
        {
            var end = json.IndexOfAny((byte)'\n', (byte)'\r');
            Text("data: ");
            http.Response.BodyWriter.Write(end < 0 ? json : json[..end]);
            Text("\n");
            if (end < 0)
            {
                break;
            }
            json = json[(end + 1)..];
        }
        Text("\n");
    }

    /// <summary>Sends what has gathered once it is worth a write: a flush for each of 30,000 small messages
    /// takes twenty seconds, and what is unsent stays bounded.</summary>
    public ValueTask FlushIfLargeAsync() =>
        http.Response.BodyWriter.UnflushedBytes < GatheredBytesMax ? default : FlushAsync();

    public async ValueTask FlushAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(DoorLimits.StreamWriteMax);
        await http.Response.BodyWriter.FlushAsync(limit.Token);
    }

    private void Text(string text) => Encoding.UTF8.GetBytes(text, http.Response.BodyWriter);
}
