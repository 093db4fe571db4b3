using System.Collections.Immutable;
using Aegis.Core.Runs;

namespace Aegis.Gate;

/// <summary>A call as it ended.</summary>
/// <param name="Denied">The gate said no; Result carries the reason. Nothing was done.</param>
/// <param name="AsksRule">The rules by which a human is to decide; the call is denied until then.</param>
public sealed record CallOutcome(ToolResult Result, bool Denied, TimeSpan Duration, LogRef? Log = null,
    ImmutableArray<string>? Walls = null, string? AsksRule = null);
