namespace Aegis.Core.Vaccines;

/// <summary>What a vaccine may be, and how many there may be.</summary>
public static class VaccineLimits
{
    /// <summary>Characters of error_pattern.</summary>
    public const int PatternCharsMax = 500;

    /// <summary>Characters of solution_instruction.</summary>
    public const int SolutionCharsMax = 1_000;

    /// <summary>Characters of a log that a vaccine is minted from.</summary>
    public const int ErrorLogCharsMax = 65_536;

    /// <summary>Characters of the code that failed, and of the mended one.</summary>
    public const int CodeCharsMax = 65_536;

    /// <summary>Characters of a check's regular expression.</summary>
    public const int RegexCharsMax = 500;

    /// <summary>All counts of repetitions in it (<c>{n,m}</c>), multiplied.</summary>
    public const int RegexRepeatsMax = 1_000;

    /// <summary>Characters of any other text of a check.</summary>
    public const int CheckTextCharsMax = 500;

    /// <summary>Vaccines that a project sees, its tenant's included; the operator's as many.</summary>
    public const int LiveMax = 1_000;

    /// <summary>Places of a file at which one check is compared with what was there before.</summary>
    public const int PlacesMax = 1_000;

    /// <summary>Days that a vaccine lives without helping.</summary>
    public const int DaysMax = 730;

    /// <summary>Runs that it may see go by without helping.</summary>
    public const int IdleRunsMax = 1_000;

    /// <summary>Characters of a query.</summary>
    public const int QueryCharsMax = 2_000;

    /// <summary>Tokens of a search's answer.</summary>
    public const int BudgetTokensMax = 32_000;

    /// <summary>Characters of a reason.</summary>
    public const int ReasonCharsMax = 500;

    /// <summary>Characters of the name of an agent.</summary>
    public const int AgentCharsMax = 100;

    public static TimeSpan Life { get; } = TimeSpan.FromDays(180);
}
