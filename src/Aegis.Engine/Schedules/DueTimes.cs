using System.Collections.Immutable;
using Aegis.Core.Plans.Triggers;
using Aegis.Core.Schedules;

namespace Aegis.Engine.Schedules;

/// <summary>Which of a line's times that have come are run, and when it is due next.</summary>
/// <param name="PassedOver">Times that came while no server ran, and that nothing is run for.</param>
internal sealed record DueTimes(ImmutableArray<DueAt> Run, DateTimeOffset? Next, int PassedOver)
{
    public const int MissedMax = 100;

    /// <summary>Times that one look goes through; a line that missed more goes on from now.</summary>
    public const int WalkMax = 50_000;

    /// <summary>A time that is later than this has been missed.</summary>
    public static TimeSpan Grace { get; } = TimeSpan.FromMinutes(1);

    public static DueTimes Of(
        CronLine line, TimeZoneInfo zone, DateTimeOffset due, DateTimeOffset now, MissedRuns policy)
    {
        var (missed, onTime) = (new Queue<DateTimeOffset>(), new List<DateTimeOffset>());
        var (at, count) = ((DateTimeOffset?)due, 0);
        for (var steps = 0; at is { } time && time <= now; steps++)
        {
            if (time >= now - Grace)
            {
                onTime.Add(time);
            }
            else
            {
                missed.Enqueue(time);
                count++;
                if (missed.Count > MissedMax)
                {
                    missed.Dequeue();
                }
            }
            var jumps = steps == WalkMax && time < now - Grace;
            at = line.Next(jumps ? now - Grace : time, zone);
        }
        var late = policy switch
        {
            MissedRuns.All => missed.ToArray(),
            MissedRuns.Once => [.. missed.TakeLast(1)],
            _ => [],
        };
        return new DueTimes(
            [.. late.Select(t => new DueAt(t, true)), .. onTime.Select(t => new DueAt(t, false))], at,
            count - late.Length);
    }
}

/// <summary>A time to run for.</summary>
internal readonly record struct DueAt(DateTimeOffset Time, bool Missed);
