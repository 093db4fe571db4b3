namespace Aegis.Core.Vaccines;

/// <summary>When a vaccine has outlived its use.</summary>
public static class VaccineLife
{
    /// <summary>Whether one in force fades: its time is over, or it has seen so many runs go by and helped
    /// none.</summary>
    /// <param name="runsSince">Runs that it bound since it helped last.</param>
    public static bool IsOver(DateTimeOffset expiresAt, long runsSince, DateTimeOffset now) =>
        now >= expiresAt || runsSince >= VaccineLimits.IdleRunsMax;

    /// <summary>The order's vaccine, if there is none alike.</summary>
    public static Vaccine Begin(VaccineOrder order, string id, DateTimeOffset now) => new(id, order.Scope,
        order.ErrorPattern, order.SolutionInstruction, order.Severity, order.OriginAgent, now, order.Language,
        order.Check, VaccineCounts.First,
        order.Scope == VaccineScope.Global ? VaccineStatus.Proposed : VaccineStatus.Active,
        now + Life(order));

    /// <summary>The mistake was made again. One that was in force has not prevented it; a faded one is in
    /// force again. A check is taken over where there was none.</summary>
    public static Vaccine Merge(Vaccine vaccine, VaccineOrder order, DateTimeOffset now)
    {
        var counts = vaccine.Counts;
        return vaccine with
        {
            Check = vaccine.Check ?? order.Check,
            Severity = order.Severity > vaccine.Severity ? order.Severity : vaccine.Severity,
            Status = vaccine.Status == VaccineStatus.Faded ? VaccineStatus.Active : vaccine.Status,
            Counts = counts with
            {
                Hits = counts.Hits + 1,
                Recurred = counts.Recurred + (vaccine.Status == VaccineStatus.Active ? 1 : 0),
            },
            ExpiresAt = Later(vaccine.ExpiresAt, now + Life(order)),
            HelpedAt = Later(vaccine.HelpedAt, now),
        };
    }

    private static TimeSpan Life(VaccineOrder order) =>
        order.Days is { } days ? TimeSpan.FromDays(days) : VaccineLimits.Life;

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
