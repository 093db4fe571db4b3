using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Aegis.Blobs;
using Aegis.Cli;
using Aegis.Core;
using Aegis.Core.Artifacts;
using Aegis.Engine;
using Aegis.Engine.Pump;
using Aegis.Gate;
using Aegis.Ledger.EventStore;
using Aegis.Ledger.Locks;
using Aegis.Ledger.Tenants;
using Aegis.Models;
using Aegis.Processes;
using Aegis.Server.Auth;
using Aegis.Server.Configuration;
using Aegis.Server.Forge;
using Aegis.Server.Rooms;
using Aegis.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aegis.Server.Tests.Support;

/// <summary>The real server on a free port over a real ledger with two tenants; only the engine is
/// scripted.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    // one keeper process for the whole test run; it ends with it
    private static readonly ProcessLauncher Launcher = new();

    private NodeLease? lease;
    private GroupCommit? commit;
    private ResourceLocks? locks;
    private ModelDoor? models;
    private DeploymentBench? deployments;

    public BlobStore Blobs { get; private set; } = null!;

    /// <summary>Where the server's models come from.</summary>
    public HubServer Hub { get; } = new HubServer().Has("acme/tiny", "a.gguf", HubServer.Bytes(1_000))
        .Has("acme/tiny", "b.gguf", HubServer.Bytes(2_000));

    public static Tenancy Acme { get; } = new("acme", "web");

    public static Tenancy Rival { get; } = new("rival", "web");

    public LedgerFixture Ledger { get; } = new();

    public ScriptedEngine Engine { get; } = new();

    public AegisServer Server { get; private set; } = null!;

    public InternalTokens Tokens { get; private set; } = null!;

    public Seed Seed { get; private set; } = null!;

    public TenancyKeys AcmeKeys { get; private set; }

    public TenancyKeys RivalKeys { get; private set; }

    /// <summary>Everything but operator, bound to acme/web.</summary>
    public string AcmeKey { get; private set; } = "";

    /// <summary>Everything but operator, for all of acme.</summary>
    public string AcmeWide { get; private set; } = "";

    public string RivalKey { get; private set; } = "";

    public string OperatorKey { get; private set; } = "";

    public HttpClient Http { get; } = PatientClient();

    /// <summary>A body waits for the server's word: a refusal is read, and no broken pipe met.</summary>
    private static HttpClient PatientClient()
    {
        var client = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        client.DefaultRequestHeaders.ExpectContinue = true;
        return client;
    }

    public async Task InitializeAsync()
    {
        await Ledger.InitializeAsync();
        Seed = new Seed(Ledger);
        AcmeKeys = await Ledger.CreateProjectAsync(Acme);
        RivalKeys = await Ledger.CreateProjectAsync(Rival);
        Server = await StartAsync(
            Ledger.Url, Engine, null, parts => Tokens = parts.Tokens, options => options with
            {
                ModelHub = Hub.Url,
            });
        await OpenArtifactsAsync();
        AcmeKey = await KeyAsync("acme", "web", "admin:*");
        AcmeWide = await KeyAsync("acme", null, "admin:*");
        RivalKey = await KeyAsync("rival", "web", "admin:*");
        OperatorKey = await KeyAsync("acme", null, "admin:*", "operator:tenants");
        Http.BaseAddress = Server.Url;
    }

    /// <summary>Artifacts, models and locks are the product's own, with the server's keys and a lease of
    /// their own.</summary>
    private async Task OpenArtifactsAsync()
    {
        var engine = new EngineLedger(Ledger.Database);
        lease = await engine.TakeLeaseAsync(CancellationToken.None);
        commit = engine.OpenCommit(lease);
        Blobs = new BlobStore(Path.Combine(Ledger.Home, "blobs"));
        Engine.RealArtifacts = new ArtifactDesk(
            new ArtifactParts(Ledger.Database, Ledger.Tenants, Blobs, Server.Parts.Secrets),
            keys => engine.Artifacts(lease, commit, keys, Blobs, TimeProvider.System));
        var waiters = new LockWaiters();
        locks = new ResourceLocks(engine.Locks(lease), new NoRuns(waiters), new Alarms(TimeProvider.System),
            TimeProvider.System, NullLogger.Instance);
        models = new ModelDoor(_ => null);
        Engine.RealModels = new ModelDesk(new ProfileShelf(Server.Parts.Profiles, Ledger.Tenants, models),
            Server.Parts.Profiles, Ledger.Tenants);
        Engine.RealLocks = new LockDesk(locks, waiters, TimeProvider.System);
    }

    /// <summary>Makes acme's deployment where no test has needed it before.</summary>
    public async Task ServeSiteAsync()
    {
        deployments ??= await DeploymentBench.OpenAsync(Ledger, Acme, Launcher);
        Engine.RealDeployments = deployments.Desk;
    }

    private sealed class NoRuns(LockWaiters waiters) : ILockHolders
    {
        public void Granted(LockGrant grant) => waiters.Granted(grant);

        public void Denied(LockDenial denial) => throw new NotSupportedException("no run asks");
    }

    public static Task<AegisServer> StartAsync(string url, EngineRoom engine, string? home = null,
        Action<EngineParts>? onOpen = null, Func<ServerOptions, ServerOptions>? configure = null) =>
        AegisServer.StartAsync(
            (configure ?? (options => options))(new ServerOptions
            {
                Home = home ?? Directory.CreateTempSubdirectory("aegis-server-").FullName,
                Port = 0,
                Postgres = url,
                ChatPerMinute = Addresses.AddressLimits.PerMinuteMax,
            }),
            (parts, _) =>
            {
                onOpen?.Invoke(parts);
                var forge = new ForgeRoom(
                    Path.Combine(parts.Options.Home, "forge"), Launcher, parts.Ledger, parts.Time);
                return ValueTask.FromResult(new OpenRooms(engine, forge));
            }, NullLoggerFactory.Instance,
            TimeProvider.System, CancellationToken.None);

    /// <summary>Puts a version past the doors.</summary>
    public async Task<ArtifactVersion> PutArtifactAsync(string tenant, string id, string path, string text)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return await Engine.Artifacts.PutAsync(new Principal("key:a", new Tenancy(tenant, "web"), []),
            new ArtifactPut(id, path, content), CancellationToken.None);
    }

    public async Task<string> KeyAsync(string tenant, string? project, params string[] scopes) =>
        (await Ledger.Tenants.CreateKeyAsync(
            tenant, project, "test", [.. scopes], CancellationToken.None)).Secret;

    public HttpRequestMessage Request(string method, string path, string? key, string? body = null,
        string type = "application/json")
    {
        var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, type);
        }
        return request;
    }

    /// <summary>Sends and returns the status and the body, parsed where it is JSON.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(
        string method, string path, string? key,
        string? body = null, string type = "application/json")
    {
        using var request = Request(method, path, key, body, type);
        return await SendAsync(request);
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(HttpRequestMessage request)
    {
        using var reply = await Http.SendAsync(request);
        var text = await reply.Content.ReadAsStringAsync();
        return (reply.StatusCode, text.Length > 0 && text[0] is '{' or '['
            ? JsonDocument.Parse(text).RootElement : default);
    }

    /// <summary>The command line against this server, with acme's key.</summary>
    public Task<(int Exit, string Shown)> AegisAsync(string input, params string[] arguments) =>
        AegisWithKeyAsync(AcmeKey, input, arguments);

    /// <summary>The command line against this server, with any key.</summary>
    public async Task<(int Exit, string Shown)> AegisWithKeyAsync(
        string key, string input, params string[] arguments)
    {
        using var output = new StringWriter();
        var environment = new Dictionary<string, string?>
        {
            ["AEGIS_URL"] = Server.Url.ToString(),
            ["AEGIS_KEY"] = key,
            ["AEGIS_PROJECT"] = "web",
            ["PATH"] = "/usr/local/bin:/usr/bin:/bin",
        };
        var exit = await CommandLine.InvokeAsync(arguments, new Terminal(output, output, false, 100,
            environment.GetValueOrDefault) { In = new StringReader(input) }, default);
        return (exit, output.ToString());
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
        await (deployments?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (locks?.DisposeAsync() ?? ValueTask.CompletedTask);
        models?.Dispose();
        await Hub.DisposeAsync();
        commit?.Dispose();
        await (lease?.DisposeAsync() ?? ValueTask.CompletedTask);
        await Ledger.DisposeAsync();
    }
}

[CollectionDefinition(Name)]
public sealed class ServerGroup : ICollectionFixture<ServerFixture>
{
    public const string Name = "server";
}

/// <summary>A server of its own, and nothing else runs beside it.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneServerGroup : ICollectionFixture<ServerFixture>
{
    public const string Name = "server alone";
}
