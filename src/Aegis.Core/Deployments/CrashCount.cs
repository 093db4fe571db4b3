using System.Collections.Immutable;

namespace Aegis.Core.Deployments;

/// <summary>Deaths of a release's programs, and what follows from them.</summary>
public sealed record CrashCount(ImmutableArray<DateTimeOffset> Deaths)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);

    public static CrashCount None { get; } = new([]);

    /// <summary>So many within the window that it will not get better by itself.</summary>
    public bool IsLoop => Deaths.Length >= DeploymentLimits.CrashesMax;

    /// <summary>The pause before the next start: doubled by each death within the window.</summary>
    public TimeSpan Pause => Deaths.IsEmpty ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Min(
        DeploymentLimits.BackoffMax.Ticks, First.Ticks << Math.Min(Deaths.Length - 1, 20)));

    public CrashCount Add(DateTimeOffset at) =>
        new([.. Deaths.Where(d => at - d < DeploymentLimits.CrashWindow), at]);
}
