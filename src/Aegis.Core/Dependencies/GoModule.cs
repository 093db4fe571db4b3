namespace Aegis.Core.Dependencies;

/// <summary>What a <c>go.mod</c> requires, and what it puts in its place.</summary>
internal static class GoModule
{
    public static IEnumerable<NamedDependency> Read(string text)
    {
        var block = "";
        foreach (var (line, offset) in TextLines.Of(text))
        {
            var words = line.Split("//")[0].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words is [")"])
            {
                block = "";
            }
            else if (words is [var opens, "("])
            {
                block = opens;
            }
            else if (Named(block.Length > 0 ? [block, .. words] : words) is { } named)
            {
                yield return new NamedDependency(PackageName.Go, named.Name, named.Version,
                    offset + line.IndexOf(named.Name, StringComparison.Ordinal), named.Name);
            }
        }
    }

    private static (string Name, string? Version)? Named(string[] words) => words switch
    {
        ["require", var name, var version, ..] => (name, version),
        ["replace", .., "=>", var name, var version] => (name, version),
        ["replace", .., "=>", var name] => (name, null),
        _ => null,
    };
}
