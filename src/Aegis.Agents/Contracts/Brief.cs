using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;

namespace Aegis.Agents.Contracts;

/// <summary><c>brief.md</c>, and the variants that it was chosen from.</summary>
/// <param name="Text">The best one, in Markdown.</param>
public sealed record Brief(
    [property: Required, StringLength(ContractText.LineMax, MinimumLength = 1)] string Title,
    [property: Required, StringLength(ContractText.LongMax, MinimumLength = 1)] string Text,
    [property: Length(1, 5)] ImmutableArray<BriefVariant> Variants);

/// <param name="Score">0 to 1.</param>
public sealed record BriefVariant(
    [property: Required, StringLength(ContractText.LineMax, MinimumLength = 1)] string Approach,
    [property: Required, StringLength(ContractText.TextMax, MinimumLength = 1)] string Summary,
    [property: Range(0.0, 1.0)] double Score);
