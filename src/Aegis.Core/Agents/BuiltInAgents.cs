using System.Collections.Immutable;
using System.Globalization;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;

namespace Aegis.Core.Agents;

/// <summary>The agents that ship: <c>contracts/agents/NAME.yaml</c>, and their prompts in all their
/// versions.</summary>
public static class BuiltInAgents
{
    private const string Folder = "contracts.agents.";
    private const string PromptFolder = "contracts.agents.prompts.";

    private static readonly Lazy<ImmutableSortedDictionary<string, string>> Texts = new(ReadPrompts);
    private static readonly Lazy<ImmutableSortedDictionary<string, AgentDefinition>> Shipped =
        new(ReadAgents);

    public static ImmutableSortedDictionary<string, AgentDefinition> All => Shipped.Value;

    /// <summary>Every prompt that ships, as <c>builder@1</c>.</summary>
    public static ImmutableSortedDictionary<string, string> Prompts => Texts.Value;

    private static ImmutableSortedDictionary<string, AgentDefinition> ReadAgents()
    {
        var found = ImmutableSortedDictionary.CreateBuilder<string, AgentDefinition>(StringComparer.Ordinal);
        foreach (var (name, text) in Resources(Folder, ".yaml"))
        {
            var read = AgentFile.Parse(text, $"contracts/agents/{name}.yaml");
            found.AddRange(read.Value
                ?? throw new InvariantViolationException(string.Join('\n', read.Errors)));
        }
        return found.ToImmutable();
    }

    // builder.v1 is builder@1
    private static ImmutableSortedDictionary<string, string> ReadPrompts() =>
        Resources(PromptFolder, ".md").ToImmutableSortedDictionary(r =>
        {
            var at = r.Name.LastIndexOf(".v", StringComparison.Ordinal);
            return new PromptName(r.Name[..at],
                int.Parse(r.Name[(at + 2)..], CultureInfo.InvariantCulture)).ToString();
        }, r => r.Text, StringComparer.Ordinal);

    private static IEnumerable<(string Name, string Text)> Resources(string folder, string ending)
    {
        var assembly = typeof(BuiltInAgents).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames().Where(n =>
            n.StartsWith(folder, StringComparison.Ordinal)
            && n.EndsWith(ending, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            yield return (resource[folder.Length..^ending.Length], reader.ReadToEnd());
        }
    }
}
