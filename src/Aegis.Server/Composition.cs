using System.Net;
using Aegis.Core.Catalogue;
using Aegis.Engine;
using Aegis.Gate;
using Aegis.Ledger.Idempotency;
using Aegis.Processes;
using Aegis.Server.Addresses;
using Aegis.Server.Aliases;
using Aegis.Server.Approvals;
using Aegis.Server.Artifacts;
using Aegis.Server.Audit;
using Aegis.Server.Auth;
using Aegis.Server.Budgets;
using Aegis.Server.Chat;
using Aegis.Server.Conditions;
using Aegis.Server.Deployments;
using Aegis.Server.Devices;
using Aegis.Server.Discovery;
using Aegis.Server.Forge;
using Aegis.Server.Gateway;
using Aegis.Server.Health;
using Aegis.Server.Hooks;
using Aegis.Server.Idempotency;
using Aegis.Server.Knowledge;
using Aegis.Server.LocalModels;
using Aegis.Server.Locks;
using Aegis.Server.Mcp;
using Aegis.Server.Mcp.Outside;
using Aegis.Server.OpenApi;
using Aegis.Server.Plans;
using Aegis.Server.Policies;
using Aegis.Server.Problems;
using Aegis.Server.Profiles;
using Aegis.Server.Repositories;
using Aegis.Server.Rooms;
using Aegis.Server.Routing;
using Aegis.Server.Rpc;
using Aegis.Server.Runs;
using Aegis.Server.Sandboxes;
using Aegis.Server.Secrets;
using Aegis.Server.Spawns;
using Aegis.Server.Tenancies;
using Aegis.Server.Terminals;
using Aegis.Server.Tools;
using Aegis.Server.Vaccines;
using Aegis.Server.Webhooks;
using Aegis.Server.Workflows;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Aegis.Server;

/// <summary>The one place where the rooms and the doors of the product are put together.</summary>
public static class Composition
{
    /// <summary>Opens the product's own rooms between ledger and doors.</summary>
    public static async ValueTask<OpenRooms> OpenRoomsAsync(EngineParts parts, CancellationToken cancel)
    {
        var launcher = await ProcessLauncher.OpenAsync(Path.Combine(parts.Options.Home, "processes"), cancel);
        var forge = new ForgeRoom(
            Path.Combine(parts.Options.Home, "forge"), launcher, parts.Ledger, parts.Time);
        var engine = await NodeRoom.OpenAsync(parts, forge.Repositories, launcher, cancel);
        return new OpenRooms(engine, forge)
        {
            ProfileCheck = (yaml, files) => CheckProfile(yaml, files, parts.Catalogue.Current()),
        };
    }

    private static void CheckProfile(
        string yaml, IReadOnlyDictionary<string, string> files, ModelCatalogue catalogue)
    {
        var errors = ProfileShelf.Check(yaml, files, catalogue);
        if (errors.Count > 0)
        {
            throw new WorkflowRejectedException([.. errors]);
        }
    }

    /// <summary>Kestrel with the doors. Nothing is read from files or ASPNETCORE_ variables: what is not in
    /// docs/configuration.md does not exist.</summary>
    public static WebApplication BuildDoors(DoorParts parts, InternalTokens tokens, ILoggerFactory loggers)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        // no door blocks, so what a connection brings goes on on the thread that read it
        builder.WebHost.UseKestrelCore()
            .UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true)
            .ConfigureKestrel(kestrel => Tune(kestrel, parts.Options.Bind, parts.Options.Port));
        builder.Services.AddRoutingCore();
        builder.Services.Replace(ServiceDescriptor.Singleton(loggers));
        builder.Services.AddSingleton(parts.Time);
        builder.Services.AddSingleton(parts.Keys);
        builder.Services.AddSingleton(parts.Tenants);
        builder.Services.AddSingleton(tokens);
        builder.Services.AddSingleton(new IdempotencyTable(parts.Ledger));
        var app = builder.Build();
        app.UseRouting();
        // any client may try: SocketDoor looks at the origin and refuses with a reason
        app.UseWebSockets(new WebSocketOptions());
        app.UseMiddleware<RequestLog>();
        app.UseMiddleware<ProblemMiddleware>();
        app.UseMiddleware<BodyLimit>();
        app.UseMiddleware<AddressLimitMiddleware>(
            new AddressLimits(parts.Options.ChatPerMinute, parts.Time),
            (IReadOnlyList<IPNetwork>)parts.Options.TrustedProxies);
        app.UseMiddleware<IdentityMiddleware>();
        app.UseMiddleware<DescribedQuery>();
        app.UseMiddleware<ConditionMiddleware>();
        app.UseMiddleware<IdempotencyMiddleware>();
        // a second one: what a door refuses is an answer too, which the one before keeps
        app.UseMiddleware<ProblemMiddleware>();
        Map(app, parts);
        return app;
    }

    internal static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        OpenApiDoor.Map(routes);
        HealthDoors.Map(routes, parts);
        PlanDoors.Map(routes, parts);
        RunDoors.Map(routes, parts);
        SteerDoors.Map(routes, parts);
        TaskDoors.Map(routes, parts);
        ToolDoors.Map(routes, parts);
        ApprovalDoors.Map(routes, parts);
        QueueDoors.Map(routes, parts);
        ArtifactDoors.Map(routes, parts);
        ContentDoors.Map(routes, parts);
        ProfileDoors.Map(routes, parts);
        KeyringDoors.Map(routes, parts);
        SpawnDoors.Map(routes, parts);
        RpcDoor.Map(routes, parts);
        PairingDoors.Map(routes, parts);
        DeviceDoors.Map(routes, parts);
        LockDoors.Map(routes, parts);
        DeploymentDoors.Map(routes, parts);
        TerminalDoors.Map(routes, parts);
        SecretDoors.Map(routes, parts);
        WorkflowDoors.Map(routes, parts);
        HookDoors.Map(routes, parts);
        WebhookDoors.Map(routes, parts);
        TenantDoors.Map(routes, parts);
        KeyDoors.Map(routes, parts);
        TierDoors.Map(routes, parts);
        SandboxDoors.Map(routes, parts);
        PolicyDoors.Map(routes, parts);
        BudgetDoors.Map(routes, parts);
        RepositoryDoors.Map(routes, parts);
        AuditDoors.Map(routes, parts);
        EvidenceDoors.Map(routes, parts);
        McpDoors.Map(routes, parts);
        OutsideToolDoors.Map(routes, parts);
        DiscoveryDoors.Map(routes, parts);
        LocalModelDoors.Map(routes, parts);
        var sessions = new GatewaySessions(parts);
        GatewayDoors.Map(routes, parts, sessions);
        RouteDoors.Map(routes, parts, sessions);
        UsageDoors.Map(routes, parts);
        ChatDoors.Map(routes, parts, sessions);
        GuestDoors.Map(routes, parts);
        LearningDoors.Map(routes, parts);
        VaccineDoors.Map(routes, parts);
        KnowledgeDoors.Map(routes, parts);
        parts.Repositories?.Map(routes);
        AliasDoors.Map(routes);
    }

    private static void Tune(KestrelServerOptions kestrel, IPAddress address, int port)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxResponseBufferSize = DoorLimits.UnsentBytesMax;
        kestrel.Limits.MaxConcurrentConnections = DoorLimits.ConnectionsMax;
        kestrel.Listen(address, port, endpoint => endpoint.Protocols = HttpProtocols.Http1);
    }
}
