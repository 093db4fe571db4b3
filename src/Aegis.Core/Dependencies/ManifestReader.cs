using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Aegis.Core.Dependencies;

/// <summary>Which packages a manifest names: package.json, requirements*.txt, pyproject.toml, *.csproj and
/// its kin, go.mod, Cargo.toml. A file that is not of its own form names none.</summary>
public static partial class ManifestReader
{
    /// <summary>Names of one file; the rest is not read.</summary>
    public const int NamesMax = 10_000;

    /// <summary>Null for a file that is no manifest.</summary>
    public static string? EcosystemOf(string path)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        return name switch
        {
            "package.json" => PackageName.Npm,
            "pyproject.toml" => PackageName.Pypi,
            "go.mod" => PackageName.Go,
            "Cargo.toml" => PackageName.Cargo,
            "packages.config" or "Directory.Packages.props" or "Directory.Build.props" => PackageName.Nuget,
            _ when name.EndsWith("proj", StringComparison.Ordinal)
                && name.Contains('.', StringComparison.Ordinal) => PackageName.Nuget,
            _ when Requirements().IsMatch(name) => PackageName.Pypi,
            _ => null,
        };
    }

    public static ImmutableArray<NamedDependency> Read(string path, string text)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        var found = EcosystemOf(path) switch
        {
            PackageName.Npm => PackageJson.Read(text),
            PackageName.Nuget => Nuget(text),
            PackageName.Go => GoModule.Read(text),
            PackageName.Cargo => TomlManifest.Cargo(text),
            PackageName.Pypi => name == "pyproject.toml" ? TomlManifest.Python(text) : PythonLines(text),
            _ => [],
        };
        return [.. found.Take(NamesMax)];
    }

    /// <summary>A requirement as PEP 508 writes it, such as <c>requests[socks]>=2.1; python_version &lt;
    /// "4"</c>; null for an option or an address.</summary>
    internal static NamedDependency? Requirement(string line, int offset)
    {
        if (Pep508().Match(line) is not { Success: true } read)
        {
            return null;
        }
        var version = read.Groups["version"].Value.Trim().Trim('(', ')');
        return new NamedDependency(PackageName.Pypi,
            PackageName.Plain(PackageName.Pypi, read.Groups["name"].Value),
            version.Length == 0 ? null : version, offset + read.Groups["name"].Index,
            read.Groups["name"].Value)
        {
            Written = read.Groups["name"].Value,
            Source = line[(read.Index + read.Length)..].Split(';')[0] is ['@', .. var address]
                ? address.Trim() : null,
        };
    }

    private static IEnumerable<NamedDependency> PythonLines(string text)
    {
        foreach (var (line, offset) in TextLines.Of(text))
        {
            if (Requirement(line, offset) is { } named)
            {
                yield return named;
            }
        }
    }

    private static IEnumerable<NamedDependency> Nuget(string text)
    {
        foreach (Match element in Package().Matches(
            XmlComment().Replace(text, c => new string(' ', c.Length))))
        {
            var id = Id().Match(element.Value);
            if (id.Success)
            {
                var version = Version().Match(element.Value);
                yield return new NamedDependency(PackageName.Nuget,
                    PackageName.Plain(PackageName.Nuget, id.Groups[1].Value),
                    version.Success ? version.Groups[1].Value : null, element.Index + id.Groups[1].Index,
                    id.Groups[1].Value);
            }
        }
    }

    [GeneratedRegex(@"^(requirements|constraints).*\.(txt|in)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Requirements();

    [GeneratedRegex(@"^\s*(?<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\]]*\])?\s*(?<version>[^;#@]*)",
        RegexOptions.NonBacktracking)]
    private static partial Regex Pep508();

    [GeneratedRegex(@"<(?:PackageReference|PackageVersion|GlobalPackageReference|package)\s[^>]*",
        RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Package();

    [GeneratedRegex("\\s(?:Include|Update|id)\\s*=\\s*[\"']([^\"']+)", RegexOptions.IgnoreCase)]
    private static partial Regex Id();

    [GeneratedRegex("\\s(?:Version|VersionOverride)\\s*=\\s*[\"']([^\"']+)", RegexOptions.IgnoreCase)]
    private static partial Regex Version();

    [GeneratedRegex("<!--[\\s\\S]*?-->", RegexOptions.NonBacktracking)]
    private static partial Regex XmlComment();
}
