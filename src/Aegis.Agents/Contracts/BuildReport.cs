using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;

namespace Aegis.Agents.Contracts;

/// <summary>What a builder did. Whether it works is said by tests and audit, never by this.</summary>
public sealed record BuildReport(
    [property: Required, StringLength(ContractText.TextMax, MinimumLength = 1)] string Summary,
    [property: Length(0, 1_000)] ImmutableArray<string> FilesChanged,
    [property: Length(0, ContractText.ListMax)] ImmutableArray<string>? OpenIssues = null);
