using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Aegis.Core.Findings;
using Aegis.Gate;

namespace Aegis.Tools.Quality;

// eslint's configuration is code of the repository under review. It runs in the sandbox and nowhere else;
// what it can still do is say less, so files that it ignores are counted, and a run over no file at all did
// not run.

/// <summary>eslint over JavaScript (and TypeScript where the project configures it): the project's own
/// installation, or else the system's.</summary>
internal sealed class EslintScanner(IReadOnlySet<string> modules) : Scanner
{
    private const string Probe = """
        cd -- "$1" || exit 44
        d=$PWD
        while :; do
          [ -z "$bin" ] && [ -x "$d/node_modules/.bin/eslint" ] && bin=$d/node_modules/.bin/eslint
          for f in "$d"/eslint.config.{js,mjs,cjs,ts,mts,cts}; do [ -f "$f" ] && flat=1; done
          for f in "$d"/.eslintrc{,.js,.cjs,.json,.yml,.yaml}; do [ -f "$f" ] && legacy=1; done
          grep -qs '"eslintConfig"' "$d/package.json" && legacy=1
          [ "$d" = / ] || [ "$d" = /work ] && break
          d=${d%/*}; d=${d:-/}
        done
        own=1; [ -z "$bin" ] && { own=0; bin=/usr/bin/eslint; }
        [ -x "$bin" ] || exit 43
        version=$("$bin" --version 2>&1) || { printf '%s\n' "$version" >&2; exit 42; }
        printf '%s\n%s\n%s\n%s\n%s\n' "$bin" "$own" "${flat:-0}" "${legacy:-0}" "${version##*$'\n'}"
        """;

    private const string Scan = """
        cd -- "$1" && printf '%s' "$2" > "/tmp/aegis-eslint.$3" || exit 41
        shift 3; "$@" --format json --output-file /tmp/eslint.json >&2; s=$?
        [ -f /tmp/eslint.json ] && cat /tmp/eslint.json; exit $s
        """;

    // Debian's eslint looks for its libraries where Debian's own node does; other builds of node do not
    private static readonly ImmutableSortedDictionary<string, string> Env =
        ImmutableSortedDictionary<string, string>.Empty
            .Add("NODE_PATH", "/usr/share/nodejs:/usr/lib/nodejs").Add("NO_COLOR", "1");

    public override string Name => "eslint";

    public override async ValueTask<ScannerReport> ScanAsync(ReviewTree tree, Execution execution,
        CancellationToken cancel)
    {
        if (tree.Of("js").IsEmpty && tree.Of("ts").IsEmpty)
        {
            return NotRun("there are no JavaScript files");
        }
        var probe = await execution.SandboxAsync(
            new SandboxCommand(["bash", "-c", Probe, "bash", tree.Cwd], Env: Env, Quiet: true), cancel);
        if (!probe.Ok || Setup.Of(probe.StdoutText) is not { } setup)
        {
            return NotRun(probe.ExitCode == 43 ? "eslint is not installed" : Failure(probe));
        }
        var files = tree.Of("js").AddRange(setup.BuiltIn ? [] : tree.Of("ts"));
        return files.IsEmpty
            ? NotRun("TypeScript is only judged by a configuration of the project's own", setup.Version)
            : await ScanAsync(tree.Cwd, setup, files, execution, cancel);
    }

    private async ValueTask<ScannerReport> ScanAsync(string cwd, Setup setup,
        ImmutableArray<ReviewFile> files,
        Execution execution, CancellationToken cancel)
    {
        var findings = new List<Finding>();
        var ignored = 0;
        foreach (var batch in Batches(files))
        {
            var own = batch.Select(file => file.Path).Where(modules.Contains);
            var (config, extension) = setup.Flat ? (EslintConfig.Flat(own), "mjs")
                : (EslintConfig.Legacy(own), "json");
            var result = await execution.SandboxAsync(
                new SandboxCommand(["bash", "-c", Scan, "bash", cwd, config,
                extension, setup.Binary, .. setup.Options($"/tmp/aegis-eslint.{extension}"),
                    .. Arguments(batch)],
                Env: Env.SetItems(setup.Env), Quiet: true, Timeout: TimeMax, CaptureBytesMax: ReportBytesMax),
                    cancel);
            using var json = result.ExitCode is 0 or 1 && !result.TimedOut ? TryJson(result) : null;
            if (json is null)
            {
                return NotRun(Failure(result), setup.Version);
            }
            foreach (var file in json.RootElement.EnumerateArray())
            {
                var found = OfFile(file, cwd, setup).ToList();
                ignored += found.RemoveAll(finding => finding is null) > 0 ? 1 : 0;
                findings.AddRange(found!);
            }
        }
        return ignored == files.Length
            ? NotRun("its configuration ignores every file", setup.Version)
            : Report(setup.Version, files.Length - ignored, findings, Remarks(setup, ignored));
    }

    private static string? Remarks(Setup setup, int ignored)
    {
        string?[] remarks =
        [
            setup.BuiltIn ? setup.HasConfig
                ? $"the project's configuration is not for eslint {setup.Version}: built-in rules"
                    : "built-in rules"
                : null,
            ignored > 0 ? $"{ignored} files are ignored by its configuration" : null,
        ];
        return string.Join("; ", remarks.OfType<string>()) is { Length: > 0 } text ? text : null;
    }

    // null stands for "this file was ignored"
    private static IEnumerable<Finding?> OfFile(JsonElement file, string cwd, Setup setup)
    {
        var path = Relative(file.GetProperty("filePath").GetString()!, cwd);
        foreach (var message in file.GetProperty("messages").EnumerateArray())
        {
            var text = message.GetProperty("message").GetString()!;
            var rule = message.TryGetProperty("ruleId", out var id) ? id.GetString() : null;
            if (rule is null && text.StartsWith("File ignored ", StringComparison.Ordinal))
            {
                yield return null;
                continue;
            }
            var line = message.TryGetProperty("line", out var l) ? l.GetInt32() : 1;
            int? column = message.TryGetProperty("column", out var c) && c.ValueKind == JsonValueKind.Number
                ? c.GetInt32() : null;
            yield return rule is null && message.TryGetProperty("fatal", out _)
                ? Unparsed(path, line, column, text, setup)
                : new Finding(rule ?? "eslint", "eslint", message.GetProperty("severity").GetInt32() == 2
                    ? FindingSeverity.Error : FindingSeverity.Warning, path, line, column, text);
        }
    }

    // An old eslint of the system fails at new syntax too: then the file is not wrong, only not judged.
    private static Finding Unparsed(string path, int line, int? column, string text, Setup setup) =>
        new("unparsed",
        "eslint", setup.Own ? FindingSeverity.Error : FindingSeverity.Warning, path, line, column,
        $"was not judged by eslint {setup.Version}: {text}",
        setup.Own ? "mend the syntax" : "mend the syntax, or install a newer eslint in the project");

    /// <summary>Which eslint, and with whose configuration in which form.</summary>
    private sealed record Setup(string Binary, bool Own, string Version, bool Flat, bool BuiltIn,
        bool HasConfig,
        ImmutableSortedDictionary<string, string> Env)
    {
        public IEnumerable<string> Options(string config) => !BuiltIn ? []
            : Flat ? ["--no-config-lookup", "--config", config] : ["--no-eslintrc", "--config", config];

        public static Setup? Of(string probe)
        {
            var lines = probe.Split('\n');
            if (lines.Length < 5 || !int.TryParse(lines[4].TrimStart('v').Split('.')[0],
                CultureInfo.InvariantCulture,
                    out var major))
            {
                return null;
            }
            var (flat, legacy) = (lines[2] == "1", lines[3] == "1");
            var useFlat = major >= 9 ? flat || !legacy || major > 9 : major == 8 && flat;
            var builtIn = useFlat ? !flat : !legacy;
            var env = ImmutableSortedDictionary<string, string>.Empty;
            env = major is 8 or 9 ? env.Add("ESLINT_USE_FLAT_CONFIG", useFlat ? "true" : "false") : env;
            return new(lines[0], lines[1] == "1", lines[4].TrimStart('v').Trim(), useFlat, builtIn, flat
                || legacy, env);
        }
    }
}
