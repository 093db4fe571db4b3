using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Aegis.Client;

/// <summary>Speaks to one Aegis Forge server with one key. Thread-safe; make one and keep it.</summary>
public partial class AegisClient : IDisposable
{
    /// <summary>Items that one call gathers over the pages of a list.</summary>
    public const int ListedMax = 10_000;

    private const int ProblemBytesMax = 1 << 20;
    private readonly HttpClient http;
    private readonly bool ownsHttp;

    /// <param name="baseUrl">Such as <c>http://127.0.0.1:4000</c>.</param>
    /// <param name="token">An API key.</param>
    /// <param name="tenantId">Sent along so that the server refuses a key of another tenant; may be
    /// null.</param>
    /// <param name="projectId">Chooses the project for a tenant-wide key; may be null.</param>
    public AegisClient(string baseUrl, string token, string? tenantId = null, string? projectId = null)
        : this(new HttpClient { Timeout = Timeout.InfiniteTimeSpan }, new Uri(baseUrl), token, tenantId,
        projectId)
    {
        ownsHttp = true;
    }

    /// <summary>Uses a given HTTP client, whose base address and default headers stay untouched.</summary>
    public AegisClient(HttpClient http, Uri server, string token, string? tenantId = null,
        string? projectId = null)
    {
        this.http = http;
        Server = server;
        Token = token;
        TenantId = tenantId;
        ProjectId = projectId;
    }

    public Uri Server { get; }

    public string? TenantId { get; }

    public string? ProjectId { get; }

    /// <summary>How long a call that is not a stream may take.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(100);

    private string Token { get; }

    public void Dispose()
    {
        if (ownsHttp)
        {
            http.Dispose();
        }
        GC.SuppressFinalize(this);
    }

    public Task<ServerVersion> GetVersionAsync(CancellationToken cancel = default) =>
        GetAsync("v1/version", ClientJson.Default.ServerVersion, cancel);

    /// <summary>Completes when the server is ready for work; throws the problem that it names
    /// otherwise.</summary>
    public async Task CheckReadyAsync(CancellationToken cancel = default)
    {
        using var reply = await SendAsync(HttpMethod.Get, "readyz", null, null, cancel);
        await RequireOkAsync(reply, cancel);
    }

    protected Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancel) =>
        CallAsync(HttpMethod.Get, path, null, type, cancel);

    /// <summary>A list over all its pages, as far as <see cref="ListedMax"/> items.</summary>
    protected async Task<Listing<T>> ListAsync<T>(
        string path, JsonTypeInfo<Listing<T>> type, CancellationToken cancel)
    {
        var items = new List<T>();
        var more = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        string? next = null;
        do
        {
            var page = await GetAsync(
                $"{path}{more}limit=200{(next is null ? "" : $"&cursor={Escape(next)}")}", type, cancel);
            items.AddRange(page.Items);
            next = page.Next;
        }
        while (next is not null && items.Count < ListedMax);
        return new Listing<T>(items, next);
    }

    protected async Task<T> CallAsync<T>(
        HttpMethod method, string path, HttpContent? body, JsonTypeInfo<T> type,
        CancellationToken cancel, TimeSpan longer = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(CallTimeout + longer);
        try
        {
            using var reply = await SendAsync(method, path, body, null, limit.Token);
            await RequireOkAsync(reply, limit.Token);
            await using var stream = await reply.Content.ReadAsStreamAsync(limit.Token);
            return (await JsonSerializer.DeserializeAsync(stream, type, limit.Token))!;
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new AegisUnreachableException(
                Server, new TimeoutException($"no answer in {CallTimeout + longer}", e));
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            throw new AegisUnreachableException(Server, e);
        }
    }

    protected static HttpContent Body<T>(T value, JsonTypeInfo<T> type)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(value, type));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? body,
        Action<HttpRequestHeaders>? headers, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, new Uri(Server, path)) { Content = body };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        if (TenantId is not null)
        {
            request.Headers.Add("X-Aegis-Tenant", TenantId);
        }
        if (ProjectId is not null)
        {
            request.Headers.Add("X-Aegis-Project", ProjectId);
        }
        headers?.Invoke(request.Headers);
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        }
        catch (HttpRequestException e)
        {
            throw new AegisUnreachableException(Server, e);
        }
    }

    private static async Task RequireOkAsync(HttpResponseMessage reply, CancellationToken cancel)
    {
        if (reply.IsSuccessStatusCode)
        {
            return;
        }
        throw new AegisApiException(reply.StatusCode, await ReadProblemAsync(reply, cancel),
            reply.Headers.RetryAfter?.Delta);
    }

    private static async Task<Problem> ReadProblemAsync(HttpResponseMessage reply, CancellationToken cancel)
    {
        try
        {
            await reply.Content.LoadIntoBufferAsync(ProblemBytesMax, cancel);
            var bytes = await reply.Content.ReadAsByteArrayAsync(cancel);
            var problem = JsonSerializer.Deserialize(bytes, ClientJson.Default.Problem);
            if (problem?.Code is not null)
            {
                return problem;
            }
        }
        catch (Exception e) when (e is JsonException or HttpRequestException)
        {
            // not a problem document: a proxy answered, or it is longer than any of ours
        }
        return new Problem(null, reply.ReasonPhrase, (int)reply.StatusCode,
            $"the server answered {(int)reply.StatusCode} without a problem document", "AEGIS7000");
    }

    private static string Escape(string segment) => Uri.EscapeDataString(segment);

    private static bool IsTransient(HttpStatusCode status) =>
        status is HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway
            or HttpStatusCode.GatewayTimeout;
}

/// <summary>The same client under the name of the platform documents.</summary>
public sealed class HaasClient : AegisClient
{
    public HaasClient(string baseUrl, string token, string? tenantId = null, string? projectId = null)
        : base(baseUrl, token, tenantId, projectId)
    {
    }
}
