using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aegis.Core.Plans.Review;

/// <summary>What a plan is reviewed with, of a tool: an entry of <c>contracts/tools.json</c>, which is made
/// from the real catalogue.</summary>
/// <param name="Scope">What the caller of the run must hold.</param>
/// <param name="Effect">pure, idempotent, reconcilable or once.</param>
/// <param name="CommandInput">The member of <c>with</c> that is a command line; null where there is
/// none.</param>
/// <param name="ArgsInput">The member that holds the words after it; null where there is none.</param>
/// <param name="UrlInput">The member of <c>with</c> that is an address; null where there is none.</param>
/// <param name="Inputs">Every member of <c>with</c>.</param>
public sealed record ToolFact(string Name, string Scope, string Effect, string Description,
    bool UsesWorkspace, ImmutableArray<string> Programs, string? CommandInput, string? ArgsInput,
    string? UrlInput,
    ImmutableArray<ToolInputFact> Inputs)
{
    public const string ModelScope = "tools:llm";

    [JsonIgnore]
    public bool CallsModel => Scope == ModelScope;
}

/// <param name="Type">As JSON Schema names it; null for any.</param>
public sealed record ToolInputFact(string Name, string? Type, bool Required);

/// <summary>The tools that a server has.</summary>
public sealed class ToolFacts
{
    private static readonly Lazy<ToolFacts> Shipped = new(ReadShipped);

    private readonly FrozenDictionary<string, ToolFact> byName;

    public ToolFacts(IEnumerable<ToolFact> tools) =>
        byName = tools.ToFrozenDictionary(t => t.Name, StringComparer.Ordinal);

    /// <summary>The built-in tools of this release.</summary>
    public static ToolFacts BuiltIn => Shipped.Value;

    public IReadOnlyCollection<string> Names => byName.Keys;

    public IEnumerable<ToolFact> All => byName.Values.OrderBy(t => t.Name, StringComparer.Ordinal);

    public ToolFact? Find(string name) => byName.GetValueOrDefault(name);

    private static ToolFacts ReadShipped()
    {
        using var stream = typeof(ToolFacts).Assembly.GetManifestResourceStream("contracts.tools.json")!;
        return new ToolFacts(JsonSerializer.Deserialize(stream, ToolFactJson.Default.ToolFactList)!.Tools);
    }
}

/// <summary>The shape of <c>contracts/tools.json</c>.</summary>
public sealed record ToolFactList(ImmutableArray<ToolFact> Tools);

[JsonSerializable(typeof(ToolFactList))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
public sealed partial class ToolFactJson : JsonSerializerContext;
