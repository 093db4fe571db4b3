using System.Collections.Immutable;

namespace Aegis.Core.Agents;

/// <summary>The names of what agents hand back. The records themselves are in Aegis.Agents/Contracts; a test
/// holds both together.</summary>
public static class AgentContracts
{
    public static ImmutableArray<string> Names { get; } =
    [
        "Answer", "AuditOpinion", "Brief", "BuildReport", "DeployReport", "FailureAnalysis", "PlanProposal",
        "ReviewReport", "Spec", "VaccineProposal",
    ];
}
