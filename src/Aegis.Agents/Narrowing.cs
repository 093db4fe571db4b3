using System.Globalization;
using Aegis.Core.Agents;
using Aegis.Core.Errors;
using Aegis.Core.Policy;

namespace Aegis.Agents;

/// <summary>An agent as a step wants it: the same or less.</summary>
internal static class Narrowing
{
    public static (AgentDefinition Agent, AegisError? Error) Of(AgentDefinition agent, AgentRunInput input)
    {
        foreach (var tool in input.Tools ?? [])
        {
            if (ToolsAllowed.Entry(agent.Tools, tool) is null)
            {
                return (agent, AgentErrors.Wider(
                    agent.Name, "tools", string.Join(", ", agent.Tools), tool));
            }
        }
        var (own, asked) = (agent.Limits, input.Limits ?? new AgentRunLimits());
        var wider = Wider("turns", own.Turns, asked.Turns) ?? Wider("tokens", own.Tokens, asked.Tokens)
            ?? Wider("cost_usd", own.CostUsd, asked.CostUsd)
            ?? Wider("time (seconds)", (decimal)own.Time.TotalSeconds, (decimal?)asked.Time?.TotalSeconds)
            ?? Wider("parallel", own.Parallel, asked.Parallel)
            ?? Wider("context_tokens", own.ContextTokens, asked.ContextTokens);
        if (wider is { } found)
        {
            return (agent, AgentErrors.Wider(agent.Name, found.What, Text(found.Own), Text(found.Asked)));
        }
        return (agent with
        {
            Tools = input.Tools ?? agent.Tools,
            Limits = new AgentLimits(asked.Turns ?? own.Turns, asked.Tokens ?? own.Tokens,
                asked.CostUsd ?? own.CostUsd, asked.Time ?? own.Time, asked.Parallel ?? own.Parallel,
                asked.ContextTokens ?? own.ContextTokens),
        }, null);
    }

    private static (string What, decimal Own, decimal Asked)? Wider(
        string what, decimal own, decimal? asked) =>
        asked is { } wanted && (wanted > own || wanted <= 0) ? (what, own, wanted) : null;

    private static string Text(decimal value) => value.ToString("0.######", CultureInfo.InvariantCulture);
}
