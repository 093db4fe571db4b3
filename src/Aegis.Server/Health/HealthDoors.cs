using System.Reflection;
using Aegis.Core.Errors;
using Aegis.Server.Auth;
using Aegis.Server.Conditions;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Health;

/// <summary>Alive, ready, and which version. The first two work without identity and say nothing
/// else.</summary>
public static class HealthDoors
{
    private static readonly TimeSpan LedgerAnswerMax = TimeSpan.FromSeconds(3);

    internal static readonly string Version =
        typeof(HealthDoors).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?
            .InformationalVersion.Split('+')[0] ?? "0";

    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapGet("/healthz", http => Body.WriteAsync(http, new HealthAnswer("alive"),
            DoorJson.Default.HealthAnswer)).WithoutIdentity()
            .Describe("getHealth", "Whether the process lives",
                door => door.Answers(DoorJson.Default.HealthAnswer));
        routes.MapGet("/readyz", http => ReadyAsync(http, parts)).WithoutIdentity()
            .Describe("getReadiness", "Whether ledger and engine work",
                door => door.Answers(DoorJson.Default.ReadyAnswer));
        routes.MapGet("/v1/version", http => Body.WriteAsync(http, new VersionAnswer(Version, "Aegis Forge"),
            DoorJson.Default.VersionAnswer)).RequireScope(Scopes.Any).ForTenant()
            .WithEntityTag()
            .Describe("getVersion", "The server's version",
                door => door.Answers(DoorJson.Default.VersionAnswer));
    }

    private static async Task ReadyAsync(HttpContext http, DoorParts parts)
    {
        if (parts.Readiness.NotReady is { } why)
        {
            throw new AegisException(DoorErrors.NotReady("server", why));
        }
        if (parts.Engine is null)
        {
            throw new AegisException(DoorErrors.NotReady("engine", "this server has none"));
        }
        if (parts.Engine.Health() is { } sick)
        {
            throw new AegisException(DoorErrors.NotReady("engine", sick.Message));
        }
        if (!await LedgerAnswersAsync(parts, http.RequestAborted))
        {
            throw new AegisException(DoorErrors.NotReady("ledger", "the database does not answer"));
        }
        await Body.WriteAsync(http, new ReadyAnswer("ready", "ready", "ready"), DoorJson.Default.ReadyAnswer);
    }

    private static async ValueTask<bool> LedgerAnswersAsync(DoorParts parts, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(LedgerAnswerMax);
        try
        {
            await parts.Streams.PingAsync(limit.Token);
            return true;
        }
        catch (Exception) when (!cancel.IsCancellationRequested)
        {
            return false;
        }
    }
}

public sealed record HealthAnswer(string Status);

public sealed record ReadyAnswer(string Status, string Ledger, string Engine);

public sealed record VersionAnswer(string Version, string Product);
