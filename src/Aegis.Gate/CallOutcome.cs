using System.Collections.Immutable;
using Aegis.Core.Artifacts;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Models;

namespace Aegis.Gate;

/// <summary>A call as it ended.</summary>
/// <param name="Denied">The gate said no; Result carries the reason. Nothing was done.</param>
/// <param name="AsksRule">The rules by which a human is to decide; the call is denied until then.</param>
/// <param name="Policy">The version of the policy by which they ask.</param>
/// <param name="RetryAfter">The rate limit refused it; when it may be tried again.</param>
/// <param name="Artifacts">Versions that it made, whatever came of it afterwards.</param>
/// <param name="Egress">What its commands asked the egress proxy for.</param>
/// <param name="Models">The models that it asked, in order.</param>
public sealed record CallOutcome(ToolResult Result, bool Denied, TimeSpan Duration, LogRef? Log = null,
    ImmutableArray<string>? Walls = null, string? AsksRule = null,
    ImmutableArray<ArtifactVersion>? Artifacts = null, ImmutableArray<EgressFact>? Egress = null,
    string? Policy = null, TimeSpan RetryAfter = default, ImmutableArray<ModelUse>? Models = null);
