using Aegis.Agents.Line;
using Aegis.Gate;

namespace Aegis.Agents;

/// <summary>The tools of this room.</summary>
public static class AgentTools
{
    public static Tool[] All() =>
        [new AgentRun(), new PlanTasks(), new PlanReplan(), new PlanHandover(), new SpecChecks()];
}
