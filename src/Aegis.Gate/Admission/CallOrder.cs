using System.Text.Json;
using Aegis.Core.Plans;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Audits;
using Aegis.Gate.Policies;

namespace Aegis.Gate.Admission;

/// <summary>What a call is judged by, before or when it is made.</summary>
/// <param name="Policy">The workflow's own.</param>
/// <param name="Rules">The project's and the key's.</param>
/// <param name="Grant">What a human let pass for this very call.</param>
public sealed record CallOrder(string Tool, JsonElement Input, Principal Principal, PlanPolicy Policy,
    GatePolicy Rules, GateGrant? Grant = null)
{
    /// <summary>Whoever brings the call has read its input strictly already.</summary>
    public bool IsRead { get; init; }

    /// <summary>What the audits of the run say; null for a call outside of runs.</summary>
    public RunAudits? Audits { get; init; }

    /// <summary>For the record; null outside of a run.</summary>
    public string? CallId { get; init; }

    private static readonly PlanPolicy Nothing = new([], [], null, null);

    /// <summary>The question whether somebody may call a tool at all, whatever its input.</summary>
    public static CallOrder Sight(string tool, Principal principal, GatePolicy rules) =>
        new(tool, default, principal, Nothing, rules);
}
