using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Aegis.Core.RepoMaps;
using Aegis.Gate;
using Aegis.Tools.Files;

namespace Aegis.Tools.RepoMaps;

/// <summary>Definitions by universal-ctags, in the sandbox.</summary>
internal static class Ctags
{
    // Debian's /usr/bin/ctags leads through /etc, which a sandbox does not show. The program is asked with a
    // configuration of ours alone: a repository's .ctags.d could run what it likes
    private const string Script = """
        [ -x /usr/bin/ctags-universal ] || exit 43
        cd -- "$1" && exec /usr/bin/ctags-universal --options=NONE --links=no --sort=no -L - \
          --languages=JavaScript,TypeScript,Python,C#,Go,Rust,Java --kinds-TypeScript=-l \
          --map-JavaScript=+.mjs --map-JavaScript=+.cjs --map-TypeScript=+.tsx \
          -x --_xformat=$'%F\t%n\t%K\t%N\t%S' 2>/dev/null
        """;
    private const int NotInstalled = 43;

    /// <summary>By path; null where ctags is not there or could not do it.</summary>
    public static async ValueTask<Dictionary<string, ImmutableArray<SymbolDefinition>>?> ReadAsync(
        string folder, ImmutableArray<SourceFile> files, Execution execution, CancellationToken cancel)
    {
        var copy = Path.Combine(execution.ScratchDirectory, "tags");
        var names = string.Concat(files.Where(f => f.Language != SourceLanguage.None
            && !f.Path.Contains('\n', StringComparison.Ordinal)).Select(f => f.Path + "\n"));
        var ran = await execution.SandboxAsync(new SandboxCommand(
            FileAnswer.Bash(Script, folder),
            Stdin: Encoding.UTF8.GetBytes(names), Timeout: FileAnswer.TimeMax, Quiet: true,
            StdoutFile: copy), cancel);
        return ran is { ExitCode: NotInstalled } or { Ok: false } ? null
            : Parse(await File.ReadAllLinesAsync(copy, cancel));
    }

    internal static Dictionary<string, ImmutableArray<SymbolDefinition>> Parse(IEnumerable<string> lines)
    {
        var found = new Dictionary<string, List<SymbolDefinition>>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            if (line.Split('\t', 5) is not [var path, var number, var kind, var name, var signature]
                || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
                || kind is "local" or "parameter" or "import" or "using" or "package" or "namespace"
                    or "alias" or "unknown")
            {
                continue;
            }
            if (!found.TryGetValue(path, out var symbols))
            {
                found.Add(path, symbols = []);
            }
            symbols.Add(new SymbolDefinition(name, kind, at, signature == "-" ? "" : signature));
        }
        return found.ToDictionary(f => f.Key, f => f.Value.OrderBy(s => s.Line)
            .ThenBy(s => s.Name, StringComparer.Ordinal).ToImmutableArray());
    }
}
