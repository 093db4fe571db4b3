using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Gate;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Runs;
using Aegis.Server.Tools;
using Aegis.Tools.Spawns;

namespace Aegis.Server.Spawns;

/// <summary>A named program to run in the sandbox.</summary>
public sealed record SpawnRequest : DoorRequest
{
    [Id]
    public required string Name { get; init; }

    [Chars(1, 4096)]
    public required string Command { get; init; }

    [Items(0, ProcessSpawn.ArgsMax)]
    public IReadOnlyList<string>? Args { get; init; }

    /// <summary>300 where left out.</summary>
    public int? TimeoutSeconds { get; init; }

    /// <summary>512 where left out.</summary>
    public int? MaxMemoryMb { get; init; }

    /// <summary>A repository of the project; checked out at /work/app before.</summary>
    public string? Repository { get; init; }

    public string? Ref { get; init; }
}

/// <summary>A spawned process. It is a run of one step, and its id is the run's.</summary>
/// <param name="Status">The run's.</param>
/// <param name="Usage">While it runs, as of a moment ago.</param>
public sealed record SpawnAnswer(string SpawnId, string Name,
    [property: OneOf(RunAnswer.Statuses)] string Status, string Actor, DateTimeOffset CreatedAt,
    DateTimeOffset? EndedAt, SpawnUsageAnswer? Usage)
{
    public int? ExitCode { get; init; }

    public bool? TimedOut { get; init; }

    /// <summary>The end of what it wrote to stdout.</summary>
    public string? Output { get; init; }

    public long? CpuMs { get; init; }

    public long? PeakMemoryBytes { get; init; }

    public CallErrorAnswer? Error { get; init; }
}

/// <param name="CpuPercent">Of one core.</param>
/// <param name="MemoryBytes">Resident, of the whole tree.</param>
public sealed record SpawnUsageAnswer(
    long CpuMs, double CpuPercent, long MemoryBytes, long PeakMemoryBytes, int Processes)
{
    public static SpawnUsageAnswer? Of(CommandUsage? u) => u is null ? null
        : new((long)u.Cpu.TotalMilliseconds, u.CpuPercent, u.MemoryBytes, u.PeakMemoryBytes, u.Processes);
}
