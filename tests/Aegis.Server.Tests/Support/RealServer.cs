using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Aegis.Cli;
using Aegis.Core;
using Aegis.Ledger.Tenants;
using Aegis.Server.Configuration;
using Aegis.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aegis.Server.Tests.Support;

/// <summary>The product as it is, engine and sandbox too, on a free port over a real ledger.</summary>
public sealed class RealServer : IAsyncLifetime
{
    private readonly LedgerFixture ledger = new();

    public AegisServer Server { get; private set; } = null!;

    /// <summary>What an operator lets sandboxes reach, and whom the egress proxy trusts.</summary>
    public ImmutableArray<string> EgressPrivateHosts { get; init; } = [];

    public string? EgressCaFile { get; init; }

    public string Home { get; } = Directory.CreateTempSubdirectory("aegis-real-").FullName;

    /// <summary>What else the server is started with.</summary>
    public Func<ServerOptions, ServerOptions> Options { get; set; } = options => options;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public HttpClient Http { get; } = new() { Timeout = TimeSpan.FromMinutes(3) };

    /// <summary>Of acme/web.</summary>
    public string Key { get; private set; } = "";

    /// <summary>Of another tenant.</summary>
    public string RivalKey { get; private set; } = "";

    public async Task InitializeAsync()
    {
        await ledger.InitializeAsync();
        await ledger.CreateProjectAsync(new Tenancy("acme", "web"));
        await ledger.CreateProjectAsync(new Tenancy("rival", "web"));
        Key = await KeyAsync("acme", "admin:*");
        RivalKey = await KeyAsync("rival", "admin:*");
        await File.WriteAllTextAsync(Path.Combine(Home, "allowlist.json"),
            """{"gratis": ["git status", "ls"], "pro": ["git *"]}""");
        Server = await StartAsync(Home);
        Http.BaseAddress = Server.Url;
    }

    /// <summary>Another server over the same ledger, with a home of its own.</summary>
    public Task<AegisServer> StartAnotherAsync()
    {
        var home = Directory.CreateTempSubdirectory("aegis-real-").FullName;
        File.Copy(Path.Combine(Home, "secrets.key"), Path.Combine(home, "secrets.key"));
        return StartAsync(home);
    }

    private Task<AegisServer> StartAsync(string home) => AegisServer.StartAsync(
        Options(new ServerOptions
        {
            Home = home,
            Port = 0,
            Postgres = ledger.Url,
            EgressPrivateHosts = EgressPrivateHosts,
            EgressCaFile = EgressCaFile,
            Allowlist = Path.Combine(Home, "allowlist.json"),
            ChatPerMinute = Addresses.AddressLimits.PerMinuteMax,
        }), Composition.OpenRoomsAsync, NullLoggerFactory.Instance, Time,
        CancellationToken.None);

    public async Task DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
        await ledger.DisposeAsync();
    }

    public async Task<string> KeyAsync(string tenant, params string[] scopes) =>
        (await ledger.Tenants.CreateKeyAsync(
            tenant, "web", "test", [.. scopes], CancellationToken.None)).Secret;

    /// <summary>A key of a whole tenant that answers one queue.</summary>
    public async Task<string> QueueKeyAsync(string tenant, string queue) =>
        (await ledger.Tenants.CreateKeyAsync(
            tenant, null, "test", [$"queues:{queue}"], CancellationToken.None)).Secret;

    /// <summary>A key of a project that may do everything there, with its id.</summary>
    public Task<CreatedKey> MakeKeyAsync(Tenancy tenancy) => ledger.Tenants.CreateKeyAsync(
        tenancy.Tenant, tenancy.Project, "test", ["admin:*"], CancellationToken.None);

    public async Task<(HttpStatusCode Status, JsonElement Body, string? Location)> SendAsync(
        string method, string path, string? body = null, string? key = null, string? prefer = null,
        string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key ?? Key);
        if (prefer is not null)
        {
            request.Headers.Add("Prefer", prefer);
        }
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }
        using var reply = await Http.SendAsync(request);
        var text = await reply.Content.ReadAsStringAsync();
        return (reply.StatusCode, text.Length > 0 ? JsonElement.Parse(text) : default,
            reply.Headers.Location?.ToString());
    }

    /// <summary>A verb of the command line, by an owner's key.</summary>
    public async Task<(int Exit, string Output, string Error)> AegisAsync(
        string[] arguments, string? key = null)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exit = await CommandLine.InvokeAsync(arguments, new Terminal(output, error, false, 110, name =>
            name switch
            {
                "AEGIS_URL" => Server.Url.ToString(),
                "AEGIS_KEY" => key ?? Key,
                _ => null,
            }), CancellationToken.None);
        return (exit, output.ToString(), error.ToString());
    }

    /// <summary>The text that SQL comes to return.</summary>
    public Task<string> UntilAsync(string sql, params object?[] values) =>
        ledger.UntilAsync<string>(sql, values);

    public Task DoAsync(string sql, params object?[] values) => ledger.ExecuteAsync(sql, values);

    /// <summary>The facts of the session without a run that was opened with this role, in order.</summary>
    public async Task<IReadOnlyList<string>> CallFactsAsync(string role) => (await ledger.UntilAsync<string>(
        """
        SELECT string_agg(e.type, ' ' ORDER BY e.version) FROM events e WHERE e.stream_key IN (
          SELECT s.stream_key FROM events s WHERE s.type = 'SessionOpened'
            AND convert_from(s.payload, 'UTF8')::jsonb ->> 'role' = $1)
        """, role)).Split(' ');

    /// <summary>As if the server had died after it did a request, before it kept the answer.</summary>
    public Task ForgetAnswerAsync(string idempotencyKey) => ledger.ExecuteAsync(
        "UPDATE idempotency_keys SET status = NULL, body = NULL, held_until = now() WHERE key = $1",
        idempotencyKey);

    /// <summary>The whole stream of a run, once it has ended.</summary>
    public Task<IReadOnlyList<JsonElement>> EndedAsync(string run, string? key = null) =>
        EventsUntilAsync(run, key, _ => false);

    /// <summary>The stream of a run as far as it is wanted; to its end where that never comes.</summary>
    public async Task<IReadOnlyList<JsonElement>> EventsUntilAsync(
        string run, string? key, Predicate<IReadOnlyList<JsonElement>> enough)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Get, new Uri($"/v1/runs/{run}/events", UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key ?? Key);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        using var reply = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await reply.Content.ReadAsStreamAsync());
        var events = new List<JsonElement>();
        while (!enough(events) && await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("data: {\"version\"", StringComparison.Ordinal))
            {
                events.Add(JsonElement.Parse(line[6..]));
            }
        }
        return events;
    }

    public Task ProjectAsync(Tenancy tenancy) => ledger.CreateProjectAsync(tenancy);
}

[CollectionDefinition(Name)]
public sealed class RealServerGroup : ICollectionFixture<RealServer>
{
    public const string Name = "real server";
}
