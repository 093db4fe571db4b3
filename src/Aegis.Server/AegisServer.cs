using Aegis.Engine.Schedules;
using Aegis.Gate.Models;
using Aegis.Gate.Policies;
using Aegis.Ledger;
using Aegis.Ledger.Audit;
using Aegis.Ledger.Secrets;
using Aegis.Ledger.Tenants;
using Aegis.Server.Auth;
using Aegis.Server.Configuration;
using Aegis.Server.Rooms;

namespace Aegis.Server;

/// <summary>The whole server. Rooms open from the ground up (ledger, engine, doors, then the engine's work)
/// and close the other way round; the engine drains while doors and ledger still serve it.</summary>
public sealed class AegisServer : IAsyncDisposable
{
    private readonly ServerOptions options;
    private readonly ILoggerFactory loggers;
    private readonly Stack<Func<CancellationToken, ValueTask>> closing = new();
    private int stopped;

    private AegisServer(ServerOptions options, ILoggerFactory loggers)
    {
        this.options = options;
        this.loggers = loggers;
    }

    /// <summary>Where the doors answer.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>The mapped endpoints, for tests that read them all.</summary>
    public EndpointDataSource Endpoints { get; private set; } = null!;

    public DoorParts Parts { get; private set; } = null!;

    /// <summary>Completes with the reason when the engine can append nothing any more.</summary>
    public Task<string> Lost => Parts.Engine?.LostAsync() ?? new TaskCompletionSource<string>().Task;

    /// <summary>Opens everything; on failure closes again what was open.</summary>
    public static async Task<AegisServer> StartAsync(ServerOptions options, RoomOpener opener,
        ILoggerFactory loggers, TimeProvider time, CancellationToken cancel)
    {
        var server = new AegisServer(options, loggers);
        try
        {
            await server.OpenAsync(opener, time, cancel);
            return server;
        }
        catch
        {
            await server.StopAsync();
            throw;
        }
    }

    /// <summary>Closes everything in order; bounded by the stop timeout, then at once.</summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref stopped, 1) != 0)
        {
            return;
        }
        using var limit = new CancellationTokenSource(options.StopTimeout);
        while (closing.TryPop(out var close))
        {
            try
            {
                await close(limit.Token);
            }
            catch (Exception e)
            {
                ServerLog.CloseFailed(loggers.CreateLogger<AegisServer>(), e);
            }
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task OpenAsync(RoomOpener opener, TimeProvider time, CancellationToken cancel)
    {
        var tiers = new TierFile(options.Allowlist, loggers.CreateLogger<TierFile>());
        var catalogue = new CatalogueFile(options.Models, loggers.CreateLogger<CatalogueFile>());
        var ledger = await LedgerDatabase.OpenAsync(options.Ledger, time, cancel);
        closing.Push(_ => ledger.DisposeAsync());
        var secrets = await SecretVault.OpenAsync(
            ledger, options.MasterKey, cancel, options.PreviousMasterKey);
        var keeper = new DatabaseKeeper(ledger, loggers.CreateLogger<DatabaseKeeper>());
        closing.Push(_ => keeper.DisposeAsync());
        var tenants = new TenantDirectory(ledger);
        var tokens = new InternalTokens(time);
        var checkpoints = new CheckpointWriter(ledger, options.Home, time);
        var beat = new CheckpointBeat(checkpoints, time, loggers.CreateLogger<CheckpointBeat>());
        closing.Push(_ => beat.DisposeAsync());
        var parts = new EngineParts(options, time, loggers, ledger, tenants, new ProfileStore(ledger), tokens,
            checkpoints, secrets, new TriggerSignals()) { Tiers = tiers, Catalogue = catalogue };
        var rooms = await opener(parts, cancel);
        closing.Push(_ => rooms.DisposeAsync());
        var keys = new KeyVerifier(tenants, time);
        var machine = new MachineRoom(options, time);
        closing.Push(_ => machine.DisposeAsync());
        Parts = new DoorParts(
            options, time, ledger, tenants, parts.Profiles, keys, rooms.Engine, rooms.Repositories,
            checkpoints, secrets, parts.Signals)
        {
            ProfileCheck = rooms.ProfileCheck,
            Tiers = tiers,
            McpSources = rooms.McpSources,
            Machine = machine,
        };
        var app = Composition.BuildDoors(Parts, tokens, loggers);
        closing.Push(async stop =>
        {
            await app.StopAsync(stop);
            await app.DisposeAsync();
        });
        await app.StartAsync(cancel);
        Url = new Uri(app.Urls.First());
        Endpoints = ((IEndpointRouteBuilder)app).DataSources.First();
        await HomeFiles.EnsureFirstKeyAsync(options, tenants, Url, cancel);
        await StartWorkAsync(rooms.Engine, cancel);
    }

    private async Task StartWorkAsync(EngineRoom? engine, CancellationToken cancel)
    {
        closing.Push(async stop =>
        {
            HomeFiles.RemoveServerFile(options);
            Parts.Readiness.Stop();
            await (engine?.StopAsync(stop) ?? ValueTask.CompletedTask);
        });
        if (engine is not null)
        {
            await engine.StartAsync(Url, cancel);
        }
        Parts.Readiness.Ready();
        HomeFiles.WriteServerFile(options, Url);
        ServerLog.Ready(loggers.CreateLogger<AegisServer>(), Url, Environment.ProcessId);
    }
}
