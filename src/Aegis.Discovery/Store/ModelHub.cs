using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Aegis.Core.Discovery;
using Aegis.Core.Errors;

namespace Aegis.Discovery.Store;

/// <summary>An endpoint that speaks Hugging Face's protocol: search, a repository's files with their hashes,
/// the files (https://huggingface.co/docs/hub/api; headers and fields as huggingface_hub reads
/// them).</summary>
public sealed class ModelHub(ModelHubOptions options, TimeProvider time) : IDisposable
{
    public const int AnswerBytesMax = 8 << 20;
    private const int QueryCharsMax = 200;

    private readonly HubLine line = new(options);

    /// <exception cref="AegisException">AEGIS2490 to 2492.</exception>
    public async Task<ImmutableArray<HubModel>> SearchAsync(
        string query, int limit, string? token, CancellationToken cancel)
    {
        var words = query.Length <= QueryCharsMax ? query : query[..QueryCharsMax];
        var count = Math.Clamp(limit, 1, ModelHubOptions.FoundMax).ToString(CultureInfo.InvariantCulture);
        using var answer = await AskAsync(
            $"/api/models?search={Uri.EscapeDataString(words)}&limit={count}&sort=downloads&direction=-1",
            "list of models", token, cancel);
        return answer.RootElement.ValueKind == JsonValueKind.Array
            ? [.. answer.RootElement.EnumerateArray().Select(Found).OfType<HubModel>()
                .Take(ModelHubOptions.FoundMax)]
            : throw StoreErrors.BadAnswer("the list of models is no list");
    }

    /// <summary>What a model consists of at a revision, a branch or a commit.</summary>
    /// <exception cref="AegisException">AEGIS2490 to 2492.</exception>
    public async Task<ModelManifest> ManifestAsync(
        ModelName name, string revision, string? token, CancellationToken cancel)
    {
        using var answer = await AskAsync(
            $"/api/models/{name.Repository}/revision/{Uri.EscapeDataString(revision)}?blobs=true",
            $"model {name.Repository} at {revision}", token, cancel);
        return HubAnswers.Manifest(name, answer.RootElement);
    }

    /// <summary>Loads what of a model is not there, verifies it, and gives it its place in the
    /// store.</summary>
    /// <param name="told">Hears how many bytes are there, every time some came.</param>
    /// <exception cref="AegisException">AEGIS2490 to 2496.</exception>
    internal async Task<StoredModel> LoadAsync(
        ModelPlace place, string? token, Action<long> told, CancellationToken cancel)
    {
        var there = 0L;
        foreach (var file in place.Manifest.Files)
        {
            var before = there;
            var load = new FileLoad(
                line, options, time, place, file, token, bytes => told(before + bytes));
            await load.RunAsync(cancel);
            there += file.Bytes;
            told(there);
        }
        return place.FinishAll();
    }

    public void Dispose() => line.Dispose();

    private async Task<JsonDocument> AskAsync(
        string path, string what, string? token, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(options.StallAfter, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            using var reply = await line.GetAsync(line.Url(path), token, 0, stop.Token);
            RequireOk(reply.Message.StatusCode, what);
            await reply.Message.Content.LoadIntoBufferAsync(AnswerBytesMax, stop.Token);
            await using var body = await reply.Message.Content.ReadAsStreamAsync(stop.Token);
            return await JsonDocument.ParseAsync(body, default, stop.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw StoreErrors.Unreachable(line.Host, "it did not answer in time");
        }
        catch (JsonException)
        {
            throw StoreErrors.BadAnswer("it is no JSON");
        }
        catch (HttpRequestException e)
            when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw StoreErrors.BadAnswer($"it is longer than {AnswerBytesMax} bytes");
        }
        catch (HttpRequestException e)
        {
            throw StoreErrors.Unreachable(line.Host, e.HttpRequestError.ToString());
        }
        catch (IOException)
        {
            throw StoreErrors.Unreachable(line.Host, "the connection was cut");
        }
    }

    private void RequireOk(HttpStatusCode status, string what)
    {
        switch ((int)status)
        {
            case 200:
                return;
            case 429 or >= 500:
                throw StoreErrors.Unreachable(line.Host, $"HTTP {(int)status}");
            default:
                throw StoreErrors.Refused(what, (int)status);
        }
    }

    private static HubModel? Found(JsonElement model) =>
        HubAnswers.Text(model, "id") is { } id
            ? new HubModel(id, HubAnswers.Text(model, "pipeline_tag"), HubAnswers.Number(model, "downloads"),
                HubAnswers.Number(model, "likes"),
                model.TryGetProperty("gated", out var gated) && gated.ValueKind != JsonValueKind.False,
                DateTimeOffset.TryParse(HubAnswers.Text(model, "lastModified"), CultureInfo.InvariantCulture,
                    out var changed) ? changed : null)
            : null;
}
