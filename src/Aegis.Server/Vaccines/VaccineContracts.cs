using System.Text.Json;
using Aegis.Core.Vaccines;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;

namespace Aegis.Server.Vaccines;

/// <summary>A mistake that is not to be made again.</summary>
public sealed record MintVaccineRequest : DoorRequest
{
    /// <summary>Whom it binds; project where left out. A global one is the operator's, and waits until it is
    /// promoted.</summary>
    [OneOf(VaccineWords.Scopes)]
    public string? Scope { get; init; }

    /// <summary>The mistake, in words that fit other code too.</summary>
    [Chars(1, VaccineLimits.PatternCharsMax)]
    public required string ErrorPattern { get; init; }

    /// <summary>What to do instead.</summary>
    [Chars(1, VaccineLimits.SolutionCharsMax)]
    public required string SolutionInstruction { get; init; }

    /// <summary>Medium where left out.</summary>
    [OneOf(VaccineWords.Severities)]
    public string? Severity { get; init; }

    /// <summary>Who made it; the key's actor where left out.</summary>
    [Chars(1, VaccineLimits.AgentCharsMax)]
    public string? OriginAgent { get; init; }

    /// <summary>By the path where left out.</summary>
    [Chars(1, VaccineLimits.AgentCharsMax)]
    public string? Language { get; init; }

    /// <summary>What the failing command or the auditor said.</summary>
    [Chars(0, VaccineLimits.ErrorLogCharsMax)]
    public string? ErrorLog { get; init; }

    /// <summary>The code that went wrong: the check must hit it.</summary>
    [Chars(1, VaccineLimits.CodeCharsMax)]
    public string? FailingCode { get; init; }

    /// <summary>The same code as it should have been: the check must leave it alone.</summary>
    [Chars(1, VaccineLimits.CodeCharsMax)]
    public string? FixedCode { get; init; }

    /// <summary>The file that it stood in.</summary>
    [Chars(1, VaccineLimits.CheckTextCharsMax)]
    public string? Path { get; init; }

    /// <summary>How it is seen: an object with kind pattern, rule, command or dependency. Left out: the rule
    /// of the built-in scan that hits the failing code alone, where there is one.</summary>
    public JsonElement? Check { get; init; }

    /// <summary>How long it lives without helping; 180 where left out.</summary>
    [Numbers(1, VaccineLimits.DaysMax)]
    public int? Days { get; init; }
}

/// <summary>Why.</summary>
public sealed record VaccineReasonRequest : DoorRequest
{
    [Chars(1, VaccineLimits.ReasonCharsMax)]
    public required string Reason { get; init; }
}

/// <summary>A vaccine.</summary>
/// <param name="Collection">By the scope: project_vaccines, tenant_vaccines or global_vaccines.</param>
/// <param name="Check">Left out where it is only told.</param>
/// <param name="Hits">How often the mistake was seen.</param>
/// <param name="Prevented">Calls that were stopped.</param>
/// <param name="Recurred">Times that it was made again all the same.</param>
/// <param name="BlockedGood">Reports that it stopped good code.</param>
/// <param name="Efficacy">Prevented of prevented and recurred; left out before there was either.</param>
public sealed record VaccineAnswer(string VaccineId, string Collection,
    [property: OneOf(VaccineWords.Scopes)] string Scope,
    [property: OneOf(VaccineWords.Statuses)] string Status, VaccinePayload Payload, string? Language,
    JsonElement? Check, long Hits, long Prevented, long Recurred, long BlockedGood, double? Efficacy,
    DateTimeOffset HelpedAt, DateTimeOffset ExpiresAt, string? RevokedBy, string? RevokeReason)
{
    public static VaccineAnswer Of(Vaccine v) => new(v.Id, v.Collection, VaccineWords.Of(v.Scope),
        VaccineWords.Of(v.Status), new VaccinePayload(v.ErrorPattern, v.SolutionInstruction,
            VaccineWords.Of(v.Severity), v.OriginAgent, v.CreatedAt), v.Language,
        v.Check is { } check ? JsonElement.Parse(check.Json) : null, v.Counts.Hits, v.Counts.Prevented,
        v.Counts.Recurred, v.Counts.BlockedGood, v.Counts.Efficacy is { } share ? Math.Round(share, 4) : null,
        v.HelpedAt, v.ExpiresAt, v.RevokedBy, v.RevokeReason);
}

/// <summary>What the collection of vaccines holds of one.</summary>
public sealed record VaccinePayload(string ErrorPattern, string SolutionInstruction,
    [property: OneOf(VaccineWords.Severities)] string Severity, string OriginAgent,
    DateTimeOffset CreatedAt);
