using System.Text.Json;

namespace Aegis.Client;

public partial class AegisClient
{
    /// <summary>Runs a named program in the sandbox; answers when it is on record, not when it has
    /// ended.</summary>
    public Task<Spawn> SpawnAsync(SpawnProcess process, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, "v1/spawns", Body(process, ClientJson.Default.SpawnProcess),
            ClientJson.Default.Spawn, cancel);

    /// <summary>The newest first.</summary>
    public Task<Listing<Spawn>> ListSpawnsAsync(CancellationToken cancel = default) =>
        GetAsync("v1/spawns", ClientJson.Default.ListingSpawn, cancel);

    public Task<Spawn> GetSpawnAsync(string id, CancellationToken cancel = default) =>
        GetAsync($"v1/spawns/{Escape(id)}", ClientJson.Default.Spawn, cancel);

    /// <summary>Ends it with all that it started.</summary>
    public async Task KillSpawnAsync(string id, CancellationToken cancel = default)
    {
        using var reply = await SendAsync(
            HttpMethod.Post, $"v1/spawns/{Escape(id)}:kill", null, null, cancel);
        await RequireOkAsync(reply, cancel);
    }
}

/// <param name="TimeoutSeconds">300 where null.</param>
/// <param name="MaxMemoryMb">512 where null.</param>
public sealed record SpawnProcess(string Name, string Command, IReadOnlyList<string> Args,
    int? TimeoutSeconds = null, int? MaxMemoryMb = null, string? Repository = null, string? Ref = null);

/// <summary>A spawned process.</summary>
/// <param name="SpawnId">Its run's id.</param>
/// <param name="Usage">While it runs.</param>
public sealed record Spawn(string SpawnId, string Name, string Status, string Actor, DateTimeOffset CreatedAt,
    DateTimeOffset? EndedAt, SpawnUsage? Usage)
{
    public int? ExitCode { get; init; }

    public bool? TimedOut { get; init; }

    public string? Output { get; init; }

    public long? CpuMs { get; init; }

    public long? PeakMemoryBytes { get; init; }

    public JsonElement? Error { get; init; }
}

/// <param name="CpuPercent">Of one core.</param>
public sealed record SpawnUsage(
    long CpuMs, double CpuPercent, long MemoryBytes, long PeakMemoryBytes, int Processes);
