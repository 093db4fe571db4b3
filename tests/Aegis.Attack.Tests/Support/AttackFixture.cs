using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Aegis.Core;
using Aegis.Ledger.Tenants;
using Aegis.Server;
using Aegis.Server.Configuration;
using Aegis.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aegis.Attack.Tests.Support;

/// <summary>The whole product on a free port: engine, gate, sandbox, forge, ledger. Nothing of it is
/// replaced, and it is spoken to over HTTP alone.</summary>
public sealed class AttackFixture : IAsyncLifetime
{
    public LedgerFixture Ledger { get; } = new();

    public AegisServer Server { get; private set; } = null!;

    public HttpClient Http { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        Timeout = TimeSpan.FromSeconds(60),
    };

    public async Task InitializeAsync()
    {
        await Ledger.InitializeAsync();
        Server = await AegisServer.StartAsync(
            new ServerOptions
            {
                Home = TestHome.Make(), Port = 0, Postgres = Ledger.Url,
                // the sweeps speak to every door many times over
                ChatPerMinute = Aegis.Server.Addresses.AddressLimits.PerMinuteMax,
            },
            Composition.OpenRoomsAsync, NullLoggerFactory.Instance, TimeProvider.System,
            CancellationToken.None);
        Http.BaseAddress = Server.Url;
    }

    public Task<TenancyKeys> ProjectAsync(string tenant, string project) =>
        Ledger.CreateProjectAsync(new Tenancy(tenant, project));

    /// <summary>A key made behind the doors; null for a project: the whole tenant.</summary>
    public async Task<string> KeyAsync(string tenant, string? project, params string[] scopes) =>
        (await Ledger.Tenants.CreateKeyAsync(tenant, project, "attack", [.. scopes],
            CancellationToken.None)).Secret;

    public Task<Reply> SendAsync(string method, string path, string? key, string? body = null,
        string type = "application/json") =>
        SendAsync(method, path, key, body is null ? null : Encoding.UTF8.GetBytes(body), type);

    public async Task<Reply> SendAsync(string method, string path, string? key, byte[]? body,
        string? type, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            if (type is not null)
            {
                request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
            }
        }
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
        using var reply = await Http.SendAsync(request);
        return new Reply(reply.StatusCode, await reply.Content.ReadAsStringAsync())
        {
            IsReplayed = reply.Headers.Contains("Idempotent-Replayed"),
        };
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
        await Ledger.DisposeAsync();
    }
}

/// <summary>An answer of a door, its text parsed where that is JSON.</summary>
public sealed record Reply(HttpStatusCode Status, string Text)
{
    /// <summary>It was given before, to whoever sent the same Idempotency-Key.</summary>
    public bool IsReplayed { get; init; }

    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    /// <summary>The code of what went wrong, in whichever form a door tells it; null for anything
    /// else.</summary>
    public string? Code => Text.StartsWith('{') ? ProblemReading.Code(Json) : null;

    public string Member(string name) => Json.GetProperty(name).GetString()!;
}

[CollectionDefinition(Name)]
public sealed class AttackGroup : ICollectionFixture<AttackFixture>
{
    public const string Name = "attack";
}
