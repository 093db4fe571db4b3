using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Discovery;

namespace Aegis.Discovery.Servers;

/// <summary>Asks ports of loopback which servers of models listen there, and which models they have. A server
/// is told by its answers, not by its port: another program on the port is not shown.</summary>
public sealed class ModelServerSurvey : IDisposable
{
    public const int ModelsMax = 200;
    private const int NameCharsMax = 200;

    private static readonly TimeSpan WithinDefault = TimeSpan.FromMilliseconds(1_500);

    private readonly TimeProvider time;
    private readonly TimeSpan within;
    private readonly HttpClient http;

    /// <param name="within">How long all of them have; 1.5 s unless said.</param>
    public ModelServerSurvey(TimeProvider time, TimeSpan? within = null)
    {
        (this.time, this.within) = (time, within ?? WithinDefault);
        http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = this.within,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public async Task<ImmutableArray<FoundModelServer>> LookAsync(
        ImmutableArray<(KnownModelServer Server, int Port)> places, CancellationToken cancel)
    {
        using var end = new CancellationTokenSource(within, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(end.Token, cancel);
        var found = await Task.WhenAll(places.Select(p => AskAsync(p.Server, p.Port, stop.Token)));
        cancel.ThrowIfCancellationRequested();
        return [.. found.OfType<FoundModelServer>()
            .OrderBy(s => s.Known.Name, StringComparer.Ordinal).ThenBy(s => s.Port)];
    }

    public void Dispose() => http.Dispose();

    private async Task<FoundModelServer?> AskAsync(KnownModelServer known, int port, CancellationToken stop)
    {
        using var answers = new LoopbackAnswers(http, port);
        try
        {
            if (await IsItAsync(known, answers, stop) is not { } needsKey)
            {
                return null;
            }
            var version = known.Version is { } told
                ? (await answers.GetAsync(told.Path, stop)).Text(told.Member) : null;
            var listed = await answers.GetAsync(known.Models.Path, stop);
            var models = listed.Items(known.Models.List).Select(m => Model(m, known.Models))
                .OfType<ServedModel>().ToList();
            return new(known, port, new Uri($"http://127.0.0.1:{port}{known.OpenAiPath}"), Short(version),
                needsKey || listed.NeedsKey, [.. models.Take(ModelsMax)],
                Math.Max(0, models.Count - ModelsMax));
        }
        catch (OperationCanceledException)
        {
            // one that answers so slowly serves nobody
            return null;
        }
    }

    /// <summary>Null where it is another server. A sign that is kept from who has no key is believed as long
    /// as something else speaks for this server.</summary>
    private static async Task<bool?> IsItAsync(
        KnownModelServer known, LoopbackAnswers answers, CancellationToken stop)
    {
        var (shown, hidden) = (0, 0);
        foreach (var sign in known.Signs)
        {
            var answer = await answers.GetAsync(sign.Path, stop);
            if (answer.NeedsKey)
            {
                hidden++;
            }
            else if (answer.Member(sign.List, sign.Member) is { } value && Is(value, sign.Is))
            {
                shown++;
            }
            else
            {
                return null;
            }
        }
        if (hidden > 0 && shown == 0 && known.Version is { } told
            && (await answers.GetAsync(told.Path, stop)).Text(told.Member) is not null)
        {
            shown++;
        }
        return shown > 0 ? hidden > 0 : null;
    }

    private static bool Is(JsonElement value, string? wanted) =>
        wanted is null || (value.ValueKind == JsonValueKind.String && value.GetString() == wanted);

    private static ServedModel? Model(JsonElement item, ModelListing listing)
    {
        if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty(listing.Name, out var name)
            || name.ValueKind != JsonValueKind.String || Short(name.GetString()) is not { } text)
        {
            return null;
        }
        return new(text, listing.Bytes is { } bytes && item.TryGetProperty(bytes, out var size)
            && size.ValueKind == JsonValueKind.Number && size.TryGetInt64(out var count) ? count : null);
    }

    private static string? Short(string? text) =>
        text is { Length: > 0 and <= NameCharsMax } && !text.Any(char.IsControl) ? text : null;
}
