using System.Collections.Immutable;

namespace Aegis.Core.Agents;

/// <summary>An agent: all of it is configuration.</summary>
/// <param name="Name">Its role in a rehearsal, and whom costs are counted for.</param>
/// <param name="Role">What it is, for people and for its own prompt.</param>
/// <param name="Model">An alias of the profile; never a model's own name.</param>
/// <param name="Instructions">Which prompt file, in which version; null where the text stands in the
/// profile.</param>
/// <param name="Prompt">The instructions themselves.</param>
/// <param name="Tools">Tools, or all below a name. Only those are offered that an agent may have at
/// all.</param>
/// <param name="Contract">One of <see cref="AgentContracts.Names"/>: what its last reply must be.</param>
/// <param name="TaskType">What models are chosen and learned of by.</param>
public sealed record AgentDefinition(string Name, string Role, string Model, PromptName? Instructions,
    string Prompt, ImmutableArray<string> Tools, AgentLimits Limits, string Contract, string TaskType,
    string? Speciality);

/// <summary>A prompt file in one version, <c>builder@1</c>.</summary>
public sealed record PromptName(string File, int Version)
{
    public override string ToString() => $"{File}@{Version}";
}

/// <summary>What one loop of an agent may use.</summary>
/// <param name="Turns">Replies of its model.</param>
/// <param name="Tokens">Input and output of all its calls of models.</param>
/// <param name="Time">From its first turn on.</param>
/// <param name="Parallel">Calls of one reply that are made at once, where none of them changes
/// anything.</param>
/// <param name="ContextTokens">What one call of its model may hold, instructions included.</param>
public sealed record AgentLimits(
    int Turns, long Tokens, decimal CostUsd, TimeSpan Time, int Parallel, int ContextTokens)
{
    public const int TurnsMax = 500;
    public const long TokensMax = 1_000_000_000;
    public const int CostUsdMax = 1_000;
    public const int ParallelMax = 8;
    public const int ContextTokensMax = 2_000_000;
    public const int ContextTokensMin = 4_000;

    public static TimeSpan TimeMax { get; } = TimeSpan.FromHours(24);

    public static AgentLimits Default { get; } =
        new(40, 2_000_000, 5, TimeSpan.FromMinutes(30), 4, 60_000);
}
