using System.Collections.Immutable;
using Aegis.Core.Agents;
using Aegis.Core.Budgets;
using Aegis.Core.Errors;
using Aegis.Core.Federation;
using Aegis.Core.Findings;
using Aegis.Core.Policy.Rules;
using Aegis.Core.Routing;

namespace Aegis.Core.Profiles;

/// <summary>An application's models, collections and policies: <c>profile.yaml</c>, see
/// docs/profile.md.</summary>
/// <param name="Rehearsal">The rehearsal file that answers every model call, a relative path; null for real
/// providers.</param>
/// <param name="Forge">Null for the local forge.</param>
public sealed record Profile(
    string? ProfileId,
    ImmutableSortedDictionary<string, ModelAlias> Models,
    ImmutableSortedDictionary<string, ModelProvider> Providers,
    string? Rehearsal,
    ImmutableArray<RagCollection> Rag,
    ProfilePolicies Policies,
    ForgeProfile? Forge = null)
{
    /// <summary>Characters of a recording's name.</summary>
    public const int RecordCharsMax = 48;

    /// <summary>Where the file names its rehearsal, for errors about what it names.</summary>
    public SourceSpan? RehearsalAt { get; init; }

    /// <summary>The recording that takes every conversation with a model down: <c>record</c>; null for
    /// none.</summary>
    public string? Record { get; init; }

    /// <summary>Whether the egress proxy opens TLS to hosts of bound secrets.</summary>
    public bool EgressOpensTls { get; init; }

    /// <summary>Outside MCP servers, by name.</summary>
    public ImmutableSortedDictionary<string, McpServerProfile> McpServers { get; init; } =
        ImmutableSortedDictionary<string, McpServerProfile>.Empty;

    /// <summary>Agents of its own, or in place of those that ship, by name.</summary>
    public ImmutableSortedDictionary<string, AgentDefinition> Agents { get; init; } =
        ImmutableSortedDictionary<string, AgentDefinition>.Empty;

    public SandboxProfile Sandbox { get; init; } = SandboxProfile.Default;

    /// <summary>What counts where the router chooses a model: <c>routing</c>.</summary>
    public RouteWeights Routing { get; init; } = RouteWeights.Default;

    public GenerationDefaults Generation { get; init; } = GenerationDefaults.Default;

    public CacheProfile Cache { get; init; } = CacheProfile.Default;

    public ChatProfile Chat { get; init; } = ChatProfile.Default;

    /// <summary>Only models of providers that are local may be called: <c>locality: local</c>.</summary>
    public bool IsLocal { get; init; }

    /// <summary>No models, no providers: every chat call is refused.</summary>
    public static Profile Empty { get; } = new(null, ImmutableSortedDictionary<string, ModelAlias>.Empty,
        ImmutableSortedDictionary<string, ModelProvider>.Empty, null, [], ProfilePolicies.Empty);
}

/// <summary>US dollars for a million tokens.</summary>
public readonly record struct TokenPrice(decimal InputUsd, decimal OutputUsd)
{
    public decimal Cost(long inputTokens, long outputTokens) =>
        ((inputTokens * InputUsd) + (outputTokens * OutputUsd)) / 1_000_000m;
}

/// <summary>A collection of documents for retrieval. Validated and kept; nothing reads it yet.</summary>
public sealed record RagCollection(string Name, ImmutableSortedDictionary<string, string> Filters);

/// <summary>What the gate holds the project's calls to.</summary>
/// <param name="ToolsAllowed">Patterns of tools; default where the profile does not say, an empty list allows
/// none.</param>
/// <param name="RequestsPerMinute">By pattern of tools.</param>
/// <param name="Quotas">Of the project.</param>
/// <param name="Rules">Rules on arguments.</param>
public sealed record ProfilePolicies(
    ImmutableArray<string> ToolsAllowed,
    ImmutableSortedDictionary<string, int> RequestsPerMinute,
    Allowance Quotas,
    ImmutableArray<ArgumentRule> Rules)
{
    /// <summary>egress_allow of the profile: the hosts beyond which no workflow's own reaches; null where any
    /// host that a workflow names may be reached.</summary>
    public ImmutableArray<string>? EgressAllow { get; init; }

    /// <summary>Patterns of tools that act without the question that is asked by default; see
    /// <see cref="Policy.DefaultQuestions"/>.</summary>
    public ImmutableArray<string> WithoutApproval { get; init; } = [];

    /// <summary>Of each one who calls in the project.</summary>
    public Allowance EachUser { get; init; } = Allowance.None;

    /// <summary>Nothing is pushed, merged or deployed in a run without an audit that was passed.</summary>
    public bool AuditRequired { get; init; }

    /// <summary>What the project changes in the Auditor's rules.</summary>
    public AuditRules AuditRules { get; init; } = AuditRules.None;

    /// <summary>Agents at once in a run: the default of workflows that say none, and the most that one may
    /// say; null where the product's own hold.</summary>
    public int? MaxAgents { get; init; }

    /// <summary>In whose queue a request for approval waits, by its topic; see
    /// <see cref="Plans.ApprovalTopics"/>.</summary>
    public ImmutableArray<Plans.TopicQueue> Approvals { get; init; } = [];

    /// <summary>The gate asks no vaccines.</summary>
    public bool VaccinesOff { get; init; }

    public static ProfilePolicies Empty { get; } = new(default,
        ImmutableSortedDictionary<string, int>.Empty, Allowance.None, []);
}
