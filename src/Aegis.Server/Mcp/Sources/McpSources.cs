using System.Collections.Immutable;

namespace Aegis.Server.Mcp.Sources;

/// <summary>Where resources and prompts come from beside the product's own.</summary>
public sealed record McpSources(
    ImmutableArray<ResourceSource> Resources, ImmutableArray<PromptSource> Prompts)
{
    public static McpSources None { get; } = new([], []);
}
