using System.ComponentModel.DataAnnotations;

namespace Aegis.Agents.Contracts;

/// <summary>A mistake, and what to do instead: the payload of document 0's vaccine.</summary>
/// <param name="Language">Such as python; <c>any</c> for all.</param>
/// <param name="Path">The file that the mistake stood in.</param>
/// <param name="FailingCode">A piece of code that has the mistake.</param>
/// <param name="FixedCode">The same without it.</param>
public sealed record VaccineProposal(
    [property: Required, StringLength(ContractText.TextMax, MinimumLength = 1)] string ErrorPattern,
    [property: Required, StringLength(ContractText.TextMax, MinimumLength = 1)] string SolutionInstruction,
    Severity Severity,
    [property: Required, StringLength(64, MinimumLength = 1)] string Language,
    VaccineCheck? Check = null,
    [property: StringLength(ContractText.LineMax)] string? Path = null,
    [property: StringLength(ContractText.LongMax)] string? FailingCode = null,
    [property: StringLength(ContractText.LongMax)] string? FixedCode = null);

/// <param name="Kind">regex, rule, command or dependency.</param>
/// <param name="Pattern">What is looked for: a regular expression, a rule's id, a command, a package.</param>
/// <param name="Path">A glob of the files that it looks at; null for all.</param>
public sealed record VaccineCheck(
    [property: AllowedValues("regex", "rule", "command", "dependency")] string Kind,
    [property: Required, StringLength(ContractText.TextMax, MinimumLength = 1)] string Pattern,
    [property: StringLength(ContractText.LineMax)] string? Path = null);
