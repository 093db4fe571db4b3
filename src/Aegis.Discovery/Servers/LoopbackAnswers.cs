using System.Net;
using System.Text.Json;

namespace Aegis.Discovery.Servers;

/// <summary>What one port of loopback answers to GET requests, each asked once. Nothing but JSON of a bounded
/// length is an answer; no redirect is followed, and no proxy asked.</summary>
internal sealed class LoopbackAnswers(HttpClient http, int port) : IDisposable
{
    public const int AnswerBytesMax = 1 << 20;
    private const int AnswerDepthMax = 32;

    private readonly Dictionary<string, Answer> known = new(StringComparer.Ordinal);

    public async Task<Answer> GetAsync(string path, CancellationToken cancel)
    {
        if (!known.TryGetValue(path, out var answer))
        {
            known[path] = answer = await AskAsync(path, cancel);
        }
        return answer;
    }

    public void Dispose()
    {
        foreach (var answer in known.Values)
        {
            answer.Json?.Dispose();
        }
    }

    private async Task<Answer> AskAsync(string path, CancellationToken cancel)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{port}{path}");
            using var reply = await http.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, cancel);
            if (reply.StatusCode != HttpStatusCode.OK)
            {
                return new(null, reply.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden);
            }
            await reply.Content.LoadIntoBufferAsync(AnswerBytesMax, cancel);
            await using var body = await reply.Content.ReadAsStreamAsync(cancel);
            return new(await JsonDocument.ParseAsync(
                body, new JsonDocumentOptions { MaxDepth = AnswerDepthMax }, cancel), false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
        {
            return new(null, false);
        }
    }
}

/// <param name="Json">Null where there was none.</param>
/// <param name="NeedsKey">401 or 403.</param>
internal sealed record Answer(JsonDocument? Json, bool NeedsKey)
{
    /// <summary>A member of the answer, or of the first item of a list in it; null where there is
    /// none.</summary>
    public JsonElement? Member(string? list, string member)
    {
        if (Json?.RootElement is not { } root)
        {
            return null;
        }
        var holder = list is null ? root : Items(list).FirstOrDefault();
        return holder.ValueKind == JsonValueKind.Object && holder.TryGetProperty(member, out var value)
            ? value : null;
    }

    /// <summary>The text there; null where there is none.</summary>
    public string? Text(string member) =>
        Member(null, member) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    public IEnumerable<JsonElement> Items(string list) =>
        Json?.RootElement is { ValueKind: JsonValueKind.Object } root
            && root.TryGetProperty(list, out var items) && items.ValueKind == JsonValueKind.Array
            ? items.EnumerateArray() : [];
}
