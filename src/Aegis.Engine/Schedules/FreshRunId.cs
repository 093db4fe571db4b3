using System.Security.Cryptography;
using Aegis.Core;

namespace Aegis.Engine.Schedules;

/// <summary>A run's id before there is the run.</summary>
public static class FreshRunId
{
    public static string At(DateTimeOffset at)
    {
        Span<byte> chance = stackalloc byte[10];
        RandomNumberGenerator.Fill(chance);
        return SortableId.Make("run_", at, chance);
    }
}
