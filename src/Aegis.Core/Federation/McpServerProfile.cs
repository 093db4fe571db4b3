using System.Collections.Immutable;

namespace Aegis.Core.Federation;

/// <summary>An outside MCP server that a profile names; its tools are <c>mcp.NAME.TOOL</c>. Either an address
/// or a command that runs in a sandbox and speaks over its pipes.</summary>
/// <param name="TokenSecret">The project's secret that is sent as bearer token; null for none.</param>
/// <param name="Env">Of the command; a value may name a secret, which never stands here.</param>
/// <param name="EgressAllow">What the command may reach.</param>
/// <param name="Effect">Of tools that <paramref name="Effects"/> does not name. What the server itself says
/// of its tools (read-only, idempotent) is a stranger's word, and recovery does not go by it.</param>
/// <param name="Effects">By the tool's own name: <c>pure</c>, <c>idempotent</c> or <c>once</c>.</param>
public sealed record McpServerProfile(string Name, Uri? Url, string? TokenSecret,
    ImmutableArray<string> Command, ImmutableSortedDictionary<string, string> Env,
    ImmutableArray<string> EgressAllow, string Effect,
    ImmutableSortedDictionary<string, string> Effects)
{
    /// <summary>Servers of one profile.</summary>
    public const int ServersMax = 32;

    /// <summary>What nobody has said anything better of.</summary>
    public const string EffectDefault = "once";

    public static readonly ImmutableArray<string> EffectNames = ["pure", "idempotent", "once"];

    /// <summary>How a token for the address is got; null where it needs none, or has its own.</summary>
    public McpOAuthProfile? OAuth { get; init; }

    public string EffectOf(string tool) => Effects.GetValueOrDefault(tool, Effect);
}
