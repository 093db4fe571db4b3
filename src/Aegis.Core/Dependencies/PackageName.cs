using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Aegis.Core.Dependencies;

/// <summary>Names of packages as their registries compare them.</summary>
public static partial class PackageName
{
    public const int LengthMax = 214;
    public const string Npm = "npm";
    public const string Pypi = "pypi";
    public const string Nuget = "nuget";
    public const string Go = "go";
    public const string Cargo = "cargo";

    /// <summary>A range that is of no ecosystem in particular: a bare version is that version
    /// alone.</summary>
    public const string Any = "";

    public static ImmutableArray<string> Ecosystems { get; } = [Npm, Pypi, Nuget, Go, Cargo];

    public static bool IsValid(string name) => name.Length is > 0 and <= LengthMax && Form().IsMatch(name);

    public static string Plain(string ecosystem, string name) => ecosystem switch
    {
        Pypi => Separators().Replace(name, "-").ToLowerInvariant(),
        Nuget or Npm => name.ToLowerInvariant(),
        Cargo => name.Replace('_', '-'),
        _ => name,
    };

    [GeneratedRegex(@"^@?[A-Za-z0-9_][A-Za-z0-9._~/-]*\z")]
    private static partial Regex Form();

    [GeneratedRegex("[-_.]+")]
    private static partial Regex Separators();
}
