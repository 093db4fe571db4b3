using System.Collections.Immutable;
using Aegis.Core.Policy;

namespace Aegis.Core.Dependencies;

/// <summary>Which packages a command brings in: npm, npx, pnpm, yarn, bun, pip, pipx, uv, poetry, dotnet, go,
/// cargo.</summary>
internal static class InstallCommand
{
    public static IEnumerable<NamedDependency> Read(ImmutableArray<CommandWord> words)
    {
        if (words.IsEmpty)
        {
            return [];
        }
        var program = words[0].Text[(words[0].Text.LastIndexOf('/') + 1)..];
        ImmutableArray<CommandWord> rest = [.. words.Skip(1)];
        // python -m pip install is pip install
        if (program.StartsWith("python", StringComparison.Ordinal)
            && rest is [{ Text: "-m" }, var module, ..])
        {
            (program, rest) = (module.Text, rest[2..]);
        }
        if (program.StartsWith("pip", StringComparison.Ordinal) && program is not ("pipx" or "pipenv"))
        {
            program = "pip";
        }
        return program switch
        {
            "npm" or "pnpm" or "yarn" or "bun" => After(rest, PackageName.Npm,
                "install", "i", "in", "ins", "inst", "isntall", "add", "exec", "x", "dlx", "create"),
            "npx" or "bunx" => Specs(rest, PackageName.Npm).Take(1),
            "pip" or "pipx" or "pipenv" => After(rest, PackageName.Pypi, "install", "run"),
            "uv" => After(rest, PackageName.Pypi, "install", "add"),
            "poetry" => After(rest, PackageName.Pypi, "add"),
            "go" => After(rest, PackageName.Go, "get", "install", "run"),
            "cargo" => After(rest, PackageName.Cargo, "add", "install"),
            "dotnet" => Dotnet(rest),
            _ => [],
        };
    }

    private static IEnumerable<NamedDependency> After(
        ImmutableArray<CommandWord> words, string ecosystem, params string[] verbs)
    {
        for (var i = 0; i < words.Length; i++)
        {
            if (!words[i].IsOpen && verbs.Contains(words[i].Text))
            {
                return Specs(words[(i + 1)..], ecosystem);
            }
        }
        return [];
    }

    private static IEnumerable<NamedDependency> Dotnet(ImmutableArray<CommandWord> words)
    {
        var at = words.Select(w => w.Text).ToList().FindIndex(t => t == "package");
        if (at < 0 || !words.Any(w => w.Text == "add"))
        {
            return [];
        }
        var name = words.Skip(at + 1).FirstOrDefault(w => w.Text != "add" && !w.Text.StartsWith('-'));
        if (string.IsNullOrEmpty(name.Text))
        {
            return [];
        }
        var version = words.SkipWhile(w => w.Text is not ("--version" or "-v")).Skip(1)
            .Select(w => w.Text).FirstOrDefault();
        var (plain, own) = Cut(name.Text, '@');
        return [Named(PackageName.Nuget, plain, Exact(version ?? own), name)];
    }

    private static IEnumerable<NamedDependency> Specs(ImmutableArray<CommandWord> words, string ecosystem)
    {
        foreach (var word in words)
        {
            if (word.IsOpen || word.Text.Length == 0 || word.Text.StartsWith('-'))
            {
                continue;
            }
            if (ecosystem == PackageName.Pypi)
            {
                if (ManifestReader.Requirement(word.Text, 0) is { } named)
                {
                    yield return named with { Offset = word.Column, Shown = word.Text };
                }
                continue;
            }
            var (name, version) = Cut(word.Text, '@');
            // alias@npm:real@1 brings in real
            if (version?.StartsWith("npm:", StringComparison.Ordinal) == true)
            {
                (name, version) = Cut(version[4..], '@');
            }
            yield return Named(ecosystem, name,
                ecosystem == PackageName.Cargo ? Exact(version) : version, word);
        }
    }

    // of a name that begins with @ that one is no beginning of a version
    private static (string Name, string? Version) Cut(string spec, char mark) =>
        spec.IndexOf(mark, Math.Min(1, spec.Length)) is var at and > 0
            ? (spec[..at], spec[(at + 1)..]) : (spec, null);

    // on a command line a bare version is that version, whatever a manifest means by it
    private static string? Exact(string? version) =>
        version is { Length: > 0 } && char.IsAsciiDigit(version[0]) ? "=" + version : version;

    private static NamedDependency Named(string ecosystem, string name, string? version, CommandWord word) =>
        new(ecosystem, PackageName.Plain(ecosystem, name), version, word.Column, word.Text);
}
