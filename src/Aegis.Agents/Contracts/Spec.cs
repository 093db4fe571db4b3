using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;

namespace Aegis.Agents.Contracts;

/// <summary>What a software does for whom: <c>spec.json</c>.</summary>
public sealed record Spec(
    [property: Required, StringLength(ContractText.LineMax, MinimumLength = 1)] string Title,
    [property: Required, StringLength(ContractText.TextMax, MinimumLength = 1)] string Summary,
    [property: Length(1, ContractText.ListMax)] ImmutableArray<Capability> Capabilities,
    [property: Length(0, ContractText.ListMax)] ImmutableArray<string> NonGoals,
    [property: Length(0, ContractText.ListMax)] ImmutableArray<string>? Assumptions = null);

/// <summary>Something that a user can do.</summary>
public sealed record Capability(
    [property: Required, RegularExpression(ContractText.Id)] string Id,
    [property: Required, StringLength(ContractText.TextMax, MinimumLength = 1)] string Description,
    [property: Length(1, ContractText.ListMax)] ImmutableArray<AcceptanceCriterion> AcceptanceCriteria);

/// <param name="Check">Shows it by ending with 0 exactly when it holds; null where no command can.</param>
public sealed record AcceptanceCriterion(
    [property: Required, StringLength(ContractText.TextMax, MinimumLength = 1)] string Text,
    CommandCheck? Check = null);

public sealed record CommandCheck(
    [property: Required, StringLength(ContractText.TextMax, MinimumLength = 1)] string Cmd);
