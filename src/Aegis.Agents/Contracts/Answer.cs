using System.ComponentModel.DataAnnotations;

namespace Aegis.Agents.Contracts;

/// <summary>Words for a person.</summary>
public sealed record Answer(
    [property: Required, StringLength(ContractText.LongMax, MinimumLength = 1)] string Text);
