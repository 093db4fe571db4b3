using System.Text.RegularExpressions;

namespace Aegis.Core.Dependencies;

/// <summary>The dependencies of <c>Cargo.toml</c> and <c>pyproject.toml</c>, read line by line: of TOML no
/// more than these two need.</summary>
internal static partial class TomlManifest
{
    public static IEnumerable<NamedDependency> Cargo(string text)
    {
        foreach (var (section, line, offset) in Lines(text))
        {
            var last = section[(section.LastIndexOf('.') + 1)..];
            var parent = section[..Math.Max(0, section.LastIndexOf('.'))];
            if (last.EndsWith("dependencies", StringComparison.Ordinal)
                && Entry(line, offset, PackageName.Cargo) is { } named)
            {
                yield return named;
            }
            else if (parent.EndsWith("dependencies", StringComparison.Ordinal)
                && Assignment().Match(line) is { Success: true } of && of.Groups["key"].Value == "version")
            {
                yield return new NamedDependency(PackageName.Cargo,
                    PackageName.Plain(PackageName.Cargo, last.Trim('"')), Text(of.Groups["value"].Value),
                    offset, line) { Written = last.Trim('"') };
            }
        }
    }

    public static IEnumerable<NamedDependency> Python(string text)
    {
        var isList = false;
        foreach (var (section, line, offset) in Lines(text))
        {
            if (section.StartsWith("tool.poetry", StringComparison.Ordinal)
                && section.EndsWith("dependencies", StringComparison.Ordinal))
            {
                if (Entry(line, offset, PackageName.Pypi) is { Name: not "python" } named)
                {
                    yield return named;
                }
                continue;
            }
            isList |= OpensList(section, line);
            foreach (var named in isList ? Requirements(line, offset) : [])
            {
                yield return named;
            }
            isList &= !Closes(line);
        }
    }

    private static bool OpensList(string section, string line) =>
        Assignment().Match(line) is { Success: true } of
        && of.Groups["value"].Value.StartsWith('[')
        && (section is "project.optional-dependencies" or "dependency-groups"
            || (section is "project" && of.Groups["key"].Value == "dependencies")
            || (section is "build-system" && of.Groups["key"].Value == "requires"));

    // a bracket of an extra stands inside of quotes
    private static bool Closes(string line) =>
        Quoted().Replace(line, "").Contains(']', StringComparison.Ordinal);

    private static IEnumerable<NamedDependency> Requirements(string line, int offset)
    {
        foreach (Match text in Quoted().Matches(line))
        {
            if (ManifestReader.Requirement(text.Value[1..^1], offset + text.Index + 1) is { } named)
            {
                yield return named;
            }
        }
    }

    private static NamedDependency? Entry(string line, int offset, string ecosystem)
    {
        if (Assignment().Match(line) is not { Success: true } of)
        {
            return null;
        }
        var (key, value) = (of.Groups["key"].Value.Trim('"'), of.Groups["value"].Value);
        var name = value.StartsWith('{') ? Member(value, "package") ?? key : key;
        return new NamedDependency(ecosystem, PackageName.Plain(ecosystem, name),
            value.StartsWith('{') ? Member(value, "version") : Text(value),
            offset + of.Groups["key"].Index, key)
        {
            Written = name,
            Source = value.StartsWith('{') ? SourceOf(value) : null,
        };
    }

    private static string? SourceOf(string table) => Member(table, "git") is { } git ? $"git+{git}"
        : Member(table, "path") is { } path ? $"file:{path}" : Member(table, "url");

    private static string? Text(string value) =>
        Quoted().Match(value) is { Success: true } text ? text.Value[1..^1] : null;

    private static string? Member(string table, string name) =>
        Regex.Match(table, $@"\b{name}\s*=\s*[""']([^""']*)", RegexOptions.NonBacktracking)
            is { Success: true } of
            ? of.Groups[1].Value : null;

    private static IEnumerable<(string Section, string Line, int Offset)> Lines(string text)
    {
        var section = "";
        foreach (var (line, offset) in TextLines.Of(text))
        {
            var plain = line.TrimStart();
            if (plain.StartsWith('#'))
            {
                continue;
            }
            if (Header().Match(line) is { Success: true } header)
            {
                section = header.Groups[1].Value.Replace(" ", "", StringComparison.Ordinal);
                continue;
            }
            yield return (section, line, offset);
        }
    }

    [GeneratedRegex(@"^\s*\[\[?([^\[\]]+)\]\]?\s*(#.*)?$")]
    private static partial Regex Header();

    [GeneratedRegex("""^\s*(?<key>"?[A-Za-z0-9._-]+"?)\s*=\s*(?<value>.+?)\s*$""")]
    private static partial Regex Assignment();

    [GeneratedRegex("\"[^\"]*\"|'[^']*'")]
    private static partial Regex Quoted();
}
