using System.Text.Json;

namespace Aegis.Core.Vaccines;

/// <summary>Whom a vaccine binds.</summary>
public enum VaccineScope
{
    Project,
    Tenant,

    /// <summary>Everybody. Written and confirmed by the installation's operator alone.</summary>
    Global,
}

/// <summary>Ordered: what is graver stands first in a prompt.</summary>
public enum VaccineSeverity
{
    Low,
    Medium,
    High,
    Critical,
}

public enum VaccineStatus
{
    /// <summary>A global one that nobody has confirmed yet: it binds nobody.</summary>
    Proposed,
    Active,

    /// <summary>It has helped nobody for long. The same mistake made again wakes it.</summary>
    Faded,

    /// <summary>Somebody took it back, for good.</summary>
    Revoked,
}

/// <summary>A negative constraint that a failure left behind: what went wrong, and what to do instead. With a
/// check it is enforced at the gate; without one it is only told.</summary>
/// <param name="Id"><c>vac_</c> and 26 sortable characters.</param>
/// <param name="Language">Null for all.</param>
/// <param name="Counts">What became of it.</param>
public sealed record Vaccine(string Id, VaccineScope Scope, string ErrorPattern, string SolutionInstruction,
    VaccineSeverity Severity, string OriginAgent, DateTimeOffset CreatedAt, string? Language,
    VaccineCheck? Check, VaccineCounts Counts, VaccineStatus Status, DateTimeOffset ExpiresAt)
{
    /// <summary>When it was minted last or stopped a call last.</summary>
    public DateTimeOffset HelpedAt { get; init; } = CreatedAt;

    /// <summary>Why and by whom it was revoked.</summary>
    public string? RevokedBy { get; init; }

    public string? RevokeReason { get; init; }

    /// <summary>The collection of document 0 that its payload belongs to.</summary>
    public string Collection => VaccineWords.Of(Scope) + "_vaccines";

    /// <summary>As it stands in an agent's <c>security_vaccines</c>.</summary>
    public string Line => $"Do not: {ErrorPattern}. Instead: {SolutionInstruction} "
        + $"[{Id}, {VaccineWords.Of(Severity)}]";
}

/// <param name="Hits">How often the mistake was seen, stopped or not.</param>
/// <param name="Prevented">Calls that were stopped.</param>
/// <param name="Recurred">Times that it was made again although the vaccine was there.</param>
/// <param name="BlockedGood">Reports that it stopped good code.</param>
public sealed record VaccineCounts(long Hits, long Prevented, long Recurred, long BlockedGood)
{
    public static VaccineCounts First { get; } = new(1, 0, 0, 0);

    /// <summary>The share of the mistakes after the minting that it stopped; null before there were
    /// any.</summary>
    public double? Efficacy => Prevented + Recurred == 0 ? null : (double)Prevented / (Prevented + Recurred);
}

/// <summary>The words of scopes, severities and states in JSON and SQL.</summary>
public static class VaccineWords
{
    public const string Scopes = "project tenant global";
    public const string Severities = "low medium high critical";
    public const string Statuses = "proposed active faded revoked";

    public static string Of<T>(T word)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(word.ToString());

    /// <summary>Document 0 writes <c>High</c>, so letters do not differ by case.</summary>
    public static T Read<T>(string word)
        where T : struct, Enum => Enum.Parse<T>(word, true);
}
