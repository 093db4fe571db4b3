using System.Collections.Immutable;
using Aegis.Core.Artifacts;
using Aegis.Core.Runs;

namespace Aegis.Gate;

/// <summary>A call as it ended.</summary>
/// <param name="Denied">The gate said no; Result carries the reason. Nothing was done.</param>
/// <param name="Artifacts">Versions that it made, whatever came of it afterwards.</param>
public sealed record CallOutcome(ToolResult Result, bool Denied, TimeSpan Duration, LogRef? Log = null,
    ImmutableArray<string>? Walls = null, ImmutableArray<ArtifactVersion>? Artifacts = null);
