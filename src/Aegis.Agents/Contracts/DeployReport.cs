using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;

namespace Aegis.Agents.Contracts;

/// <summary>How something is started and watched.</summary>
/// <param name="Start">The program that is started, and its arguments.</param>
/// <param name="HealthPath">What is asked for its health, such as <c>/healthz</c>.</param>
public sealed record DeployReport(
    [property: Required, StringLength(ContractText.TextMax, MinimumLength = 1)] string Summary,
    [property: Length(1, 64)] ImmutableArray<string>? Start,
    [property: Range(1, 65_535)] int? Port,
    [property: StringLength(ContractText.LineMax)] string? HealthPath,
    [property: Length(0, 1_000)] ImmutableArray<string> FilesChanged);
