using System.Collections.Immutable;

namespace Aegis.Core.Findings.Dependencies;

/// <summary>What is wrong with where packages come from: names that resemble others, sources that an outsider
/// can fill, versions that are not pinned, locks that are missing or say something else. Pure.</summary>
public static class DependencyScan
{
    public const string Tool = "dependencies";

    /// <summary>A name this near the top of a list is surely meant; further down it may be a project of its
    /// own.</summary>
    private const int SureRankMax = 500;

    private const int SureCrateCharsMin = 7;

    private static readonly string[] Internal = ["internal", "private", "intranet", "corp", "inhouse"];

    public static ImmutableArray<Finding> Of(DependencyTree tree) =>
    [
        .. tree.Unreadable.Select(entry => new Finding("aegis-dep-unreadable", Tool, FindingSeverity.Warning,
            entry.File, 1, null, $"it cannot be read: {entry.Why}", "mend the file")),
        .. tree.Asked.SelectMany(dependency => OfName(dependency).Concat(OfAsked(dependency, tree))),
        .. OfSettings(tree),
        .. MissingLocks(tree),
        .. Disagreements(tree),
        .. OfLocked(tree),
    ];

    private static IEnumerable<Finding> OfName(Dependency asked)
    {
        if (PopularNames.Of(asked.Ecosystem).Find(asked.Name) is { } alike)
        {
            // short names of crates are words, and one letter away there is another crate
            var isSure = asked.Ecosystem switch
            {
                Ecosystem.NuGet => true,
                Ecosystem.Crates => alike.IsSeparatorsOnly || asked.Name.Length >= SureCrateCharsMin,
                _ => alike.Rank < SureRankMax,
            };
            yield return Found("aegis-dep-typosquat", isSure ? FindingSeverity.Error
                : FindingSeverity.Warning, asked,
                $"{asked.Name} resembles {alike.Popular} ({alike.How})",
                $"write {alike.Popular}, or make sure that {asked.Name} is the package that you mean");
        }
        if (asked.Ecosystem == Ecosystem.Npm ? asked.Name[0] != '@' && IsInternal(asked.Name)
            : asked.Ecosystem != Ecosystem.NuGet && IsInternal(asked.Name))
        {
            yield return Found("aegis-dep-confusion", FindingSeverity.Warning, asked,
                $"{asked.Name} sounds like a package of your own, and anybody can publish that name",
                "publish it under a scope or prefix of your own and bind that to your registry");
        }
    }

    private static bool IsInternal(string name) =>
        name.Split('-', '_', '.').Any(part => Internal.Contains(part.ToLowerInvariant()));

    private static IEnumerable<Finding> OfAsked(Dependency asked, DependencyTree tree)
    {
        var what = asked.Asked;
        if (what.StartsWith("file:", StringComparison.Ordinal)
            || what.StartsWith("workspace:", StringComparison.Ordinal)
            || what.StartsWith("link:", StringComparison.Ordinal)
                || what.StartsWith("npm:", StringComparison.Ordinal))
        {
            yield break;
        }
        if (what.Contains("http://", StringComparison.Ordinal))
        {
            yield return Found("aegis-dep-source", FindingSeverity.Error, asked,
                $"{asked.Name} comes over plain http", "take it from a registry, or at least over https");
        }
        else if (IsElsewhere(asked))
        {
            yield return Found("aegis-dep-source", FindingSeverity.Warning, asked,
                $"{asked.Name} comes from {what}, not from a registry",
                "publish it to a registry, or pin the commit's full hash");
        }
        else if (IsOpen(asked, tree))
        {
            yield return Found("aegis-dep-unpinned", FindingSeverity.Warning, asked,
                $"{asked.Name} takes any version{(what.Length > 0 ? $" ({what})" : "")}",
                "name an exact version, or commit a lock file");
        }
    }

    private static bool IsElsewhere(Dependency asked) => asked.Asked.Contains("://", StringComparison.Ordinal)
        || asked.Asked.StartsWith("git", StringComparison.Ordinal)
        || (asked.Ecosystem == Ecosystem.Npm && asked.Asked.Contains('/', StringComparison.Ordinal));

    private static bool IsOpen(Dependency asked, DependencyTree tree) => asked.Ecosystem switch
    {
        Ecosystem.Npm => asked.Asked is "" or "*" or "x" or "latest" or "next",
        Ecosystem.PyPi => !asked.Asked.StartsWith("==", StringComparison.Ordinal)
            && (asked.Asked.Length == 0 || !HasLock(asked, tree)),
        Ecosystem.NuGet => asked.Asked.Contains('*', StringComparison.Ordinal),
        _ => asked.Asked == "*",
    };

    private static IEnumerable<Finding> OfSettings(DependencyTree tree)
    {
        foreach (var setting in tree.Settings)
        {
            if (setting.Kind.EndsWith("extra-index-url", StringComparison.Ordinal))
            {
                yield return Found("aegis-dep-confusion", FindingSeverity.Error, setting,
                    "packages come from two indexes, and the one with the higher version wins",
                    "use one index-url that serves both, your own packages first");
            }
            else if (setting.Value.StartsWith("http://", StringComparison.Ordinal)
                || setting.Kind == "trusted-host" || (setting.Kind == "strict-ssl"
                    && setting.Value == "false"))
            {
                yield return Found("aegis-dep-source", FindingSeverity.Error, setting,
                    "the registry's answers can be forged on their way",
                        "use https with a checked certificate");
            }
        }
        foreach (var file in tree.Settings.Where(setting => setting.Kind == "source")
            .GroupBy(setting => setting.File)
            .Where(group => group.Count() > 1))
        {
            yield return Found("aegis-dep-confusion", FindingSeverity.Warning, file.Last(),
                "packages come from several sources, whichever answers first",
                "bind names to sources with packageSourceMapping");
        }
    }

    private static IEnumerable<Finding> MissingLocks(DependencyTree tree) => tree.Asked
        .Where(asked => asked.Ecosystem is Ecosystem.Npm or Ecosystem.Crates)
        .GroupBy(asked => asked.File).Where(group => !HasLock(group.First(), tree))
        .Select(group => new Finding("aegis-dep-no-lock", Tool, FindingSeverity.Warning, group.Key, 1, null,
            $"{group.Count()} packages are asked for and no lock file says which were taken",
            "commit the lock file of the package manager"));

    // beside the manifest or in a folder above it: workspaces share one
    private static bool HasLock(Dependency asked, DependencyTree tree)
    {
        var folder = FolderOf(asked.File);
        return tree.Locks.Any(path => Fits(asked.Ecosystem, Path.GetFileName(path))
            && (FolderOf(path) is var at && (at == folder || at.Length == 0
                || folder.StartsWith(at + "/", StringComparison.Ordinal))));
    }

    private static bool Fits(Ecosystem ecosystem, string name) => ecosystem switch
    {
        Ecosystem.Npm =>
            name is "package-lock.json" or "npm-shrinkwrap.json" or "yarn.lock" or "pnpm-lock.yaml",
        Ecosystem.PyPi => name is "poetry.lock" or "uv.lock" or "pdm.lock" or "Pipfile.lock",
        Ecosystem.NuGet => name is "packages.lock.json",
        _ => name is "Cargo.lock",
    };

    private static string FolderOf(string path) => Path.GetDirectoryName(path) ?? "";

    private static IEnumerable<Finding> Disagreements(DependencyTree tree)
    {
        foreach (var (lockFile, root) in tree.Roots.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            foreach (var asked in tree.Asked.Where(asked => asked.Ecosystem == Ecosystem.Npm
                && FolderOf(asked.File) == FolderOf(lockFile)
                    && root.GetValueOrDefault(asked.Name) != asked.Asked))
            {
                yield return Found("aegis-dep-lock-disagrees", FindingSeverity.Error, asked,
                    $"{asked.File} asks for {asked.Name} {asked.Asked}, its lock file for "
                        + (root.GetValueOrDefault(asked.Name) is { } other ? other : "none"),
                    "make the lock file anew and commit both");
            }
        }
    }

    private static IEnumerable<Finding> OfLocked(DependencyTree tree)
    {
        foreach (var file in tree.Locked.GroupBy(package => package.File))
        {
            var hosts = file.Select(package => Uri.TryCreate(package.Address, UriKind.Absolute, out var uri)
                && uri.Scheme is "http" or "https" ? uri.Authority : null).OfType<string>().Distinct()
                .Order(StringComparer.Ordinal).ToList();
            if (hosts.Count > 1)
            {
                yield return new Finding("aegis-dep-mixed-registries", Tool, FindingSeverity.Warning,
                    file.Key, 1, null,
                    $"packages come from {hosts.Count} places: {string.Join(", ", hosts.Take(5))}",
                    "take them all from one registry, and make the lock file anew");
            }
            foreach (var package in file.Where(package => !package.HasHash
                && package.Address?.StartsWith("http", StringComparison.Ordinal) == true))
            {
                yield return new Finding("aegis-dep-no-hash", Tool, FindingSeverity.Warning, file.Key,
                    package.Line, null,
                    $"{package.Name} {package.Version} is pinned without a hash", "make the lock file anew");
            }
        }
    }

    private static Finding Found(string rule, FindingSeverity severity, Dependency asked, string message,
        string mend) => new(rule, Tool, severity, asked.File, asked.Line, null, message, mend);

    private static Finding Found(string rule, FindingSeverity severity, RegistrySetting setting,
        string message,
        string mend) => new(rule, Tool, severity, setting.File, setting.Line, null, message, mend);
}
