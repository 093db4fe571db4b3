using System.Collections.Frozen;
using System.Reflection;

namespace Aegis.Core.Plans.Shipped;

/// <summary>A workflow that comes with the product: a file like any other, to be read, copied and
/// changed.</summary>
/// <param name="Summary">The comment that the file begins with, as one line.</param>
public sealed record ShippedWorkflow(string Name, string Text, string Summary)
{
    public string FileName => $"{Name}.yaml";
}

/// <summary>The workflows of <c>contracts/workflows</c>. A registered workflow of the same name takes the
/// place of one, so that a project can have its own.</summary>
public static class ShippedWorkflows
{
    private const string Prefix = "contracts.workflows.";
    private const string Suffix = ".yaml";

    private static readonly FrozenDictionary<string, ShippedWorkflow> Named = Read();

    /// <summary>All, by name.</summary>
    public static IReadOnlyList<ShippedWorkflow> All { get; } =
        [.. Named.Values.OrderBy(w => w.Name, StringComparer.Ordinal)];

    public static ShippedWorkflow? Find(string name) => Named.GetValueOrDefault(name);

    private static FrozenDictionary<string, ShippedWorkflow> Read()
    {
        var assembly = typeof(ShippedWorkflows).Assembly;
        return assembly.GetManifestResourceNames()
            .Where(n => n.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(resource => (Name: resource[Prefix.Length..^Suffix.Length],
                Text: TextOf(assembly, resource)))
            .Select(w => new ShippedWorkflow(w.Name, w.Text, SummaryOf(w.Text)))
            .ToFrozenDictionary(w => w.Name, StringComparer.Ordinal);
    }

    private static string TextOf(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }

    private static string SummaryOf(string text) => string.Join(' ', text.Split('\n')
        .TakeWhile(line => line.StartsWith('#')).Select(line => line[1..].Trim()));
}
