using System.Collections.Immutable;

namespace Aegis.Core.Deployments;

/// <summary>Infrastructure that projects begin from: <c>contracts/templates/CLOUD/KIND</c>, for Terraform and
/// for Pulumi. Nothing is filled in: what differs is a variable.</summary>
public static class InfrastructureTemplates
{
    private const string Prefix = "contracts.templates/";
    private const string Pulumi = "Pulumi.yaml";

    /// <summary>Each with its cloud and kind, such as <c>aws/site</c>.</summary>
    public static ImmutableArray<string> Names { get; } =
        [.. All().Select(f => f[..f.LastIndexOf('/')]).Distinct().Order(StringComparer.Ordinal)];

    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="language"><c>terraform</c> or <c>pulumi</c>.</param>
    /// <returns>Files by their path in a project.</returns>
    public static ImmutableSortedDictionary<string, string> Of(string name, string language) => All()
        .Where(f => f[..f.LastIndexOf('/')] == name && f.EndsWith(Pulumi, StringComparison.Ordinal)
            == (language == "pulumi"))
        .ToImmutableSortedDictionary(f => $"infra/{f[(f.LastIndexOf('/') + 1)..]}", Read,
            StringComparer.Ordinal);

    private static IEnumerable<string> All() =>
        typeof(InfrastructureTemplates).Assembly.GetManifestResourceNames()
            .Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).Select(n => n[Prefix.Length..]);

    private static string Read(string file)
    {
        using var text = new StreamReader(
            typeof(InfrastructureTemplates).Assembly.GetManifestResourceStream(Prefix + file)!);
        return text.ReadToEnd();
    }
}
