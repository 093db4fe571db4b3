using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using Aegis.Core.Errors;
using Aegis.Gate;

namespace Aegis.Tools.Tests;

/// <summary>What a folder shows of its tests, read inside the sandbox.</summary>
internal sealed record ProjectFacts(IReadOnlySet<string> Marks, IReadOnlyDictionary<string, string> Binaries,
    string? TestScript)
{
    private const int NoFolder = 44;
    private const int PackageBytesMax = 1024 * 1024;

    private const string Script = """
        cd -- "$1" 2>/dev/null || exit 44
        d=$PWD
        while :; do
          for b in jest vitest tsc; do
            f=$d/node_modules/.bin/$b; [ -x "$f" ] && printf 'bin %s %s\n' "$b" "$f"
          done
          [ "$d" = / ] || [ "$d" = /work ] && break
          d=${d%/*}; d=${d:-/}
        done
        for b in dotnet go cargo mvn tsc; do
          f=$(command -v "$b") && printf 'bin %s %s\n' "$b" "$f"
        done
        skip=(\( -name node_modules -o -name .git -o -name .venv -o -name venv -o -name target -o -name obj \)
          -prune -o -type f)
        { [ -f pytest.ini ] || [ -f conftest.py ] || [ -f tests/conftest.py ] ||
          grep -qsE '^\[tool\.pytest' pyproject.toml || grep -qsF '[tool:pytest]' setup.cfg ||
          grep -qsF '[pytest]' tox.ini; } && echo mark pytest
        py=$(find . "${skip[@]}" \( -name 'test_*.py' -o -name '*_test.py' \) -print | head -n 500)
        [ -n "$py" ] && { echo mark python
          for m in pytest unittest; do
            printf '%s\n' "$py" | tr '\n' '\0' | xargs -0 grep -qsE "^(import|from) .*\b$m\b" &&
              echo "mark $m"
          done
        }
        [ -n "$(find . "${skip[@]}" \( -regex '.*[._-]test\.[cm]?js' -o -regex '.*/test-[^/]*\.[cm]?js' \
          -o -regex '.*/test/.*\.[cm]?js' -o -regex '.*/test\.[cm]?js' \) -print -quit)" ] && echo mark node
        any() { [ -n "$(head -zn 2000 | xargs -0r grep -lsE "$1" | head -n 1)" ]; }
        find . "${skip[@]}" \( -name '*.??proj' -o -name Directory.Build.props \) -print0 |
          any 'Microsoft\.NET\.Test\.Sdk|<IsTestProject>true|MSTest\.Sdk' && echo mark dotnet
        [ -f go.mod ] && [ -n "$(find . "${skip[@]}" -name '*_test.go' -print -quit)" ] && echo mark go
        [ -f Cargo.toml ] && find . "${skip[@]}" -name '*.rs' -print0 |
          any '#\[([a-z_]+::)?test\b|^ *//[/!] *```' && echo mark cargo
        [ -f pom.xml ] && [ -n "$(find . -type d -path '*/src/test' -print -quit)" ] && echo mark maven
        [ -f tsconfig.json ] && echo mark tsc
        [ -f package.json ] && { echo package; head -c "$2" package.json; }
        exit 0
        """;

    public static async ValueTask<(ProjectFacts? Facts, AegisError? Error)> ReadAsync(string cwd,
        Execution execution, CancellationToken cancel)
    {
        var result = await execution.SandboxAsync(new SandboxCommand(
            ["bash", "-c", Script, "bash", cwd, $"{PackageBytesMax}"], Quiet: true,
            CaptureBytesMax: 2 * PackageBytesMax, Timeout: TimeSpan.FromMinutes(1)), cancel);
        if (result.ExitCode == NoFolder)
        {
            return (null, TestErrors.NoFolder(cwd));
        }
        return result.Ok ? (Parse(result.StdoutText), null)
            : (null, TestErrors.Crashed("the look at the project", result, null));
    }

    /// <summary>Every framework that the files speak of; the type check of TypeScript is one of
    /// them.</summary>
    public ImmutableArray<TestFramework> All() =>
        [.. Tests().Concat(Marks.Contains("tsc") ? ["tsc"] : []).Select(name => TestFramework.Find(name)!)];

    /// <summary>The one framework that the files speak of; an error where that is none or more than one. A
    /// type check is only meant where there are no other tests.</summary>
    public (TestFramework? Framework, AegisError? Error) Detect()
    {
        var found = Tests().ToArray();
        return found.Length switch
        {
            1 => (TestFramework.Find(found[0]), null),
            0 when Marks.Contains("tsc") => (TestFramework.Find("tsc"), null),
            0 => (null, TestErrors.NoTests(null)),
            _ => (null, TestErrors.Ambiguous(found)),
        };
    }

    private IEnumerable<string> Tests() => new[] { JavaScript(), Python() }.OfType<string>()
        .Concat(((string[])["dotnet", "go", "cargo", "maven"]).Where(Marks.Contains));

    private string? JavaScript()
    {
        if (TestScript is { } script)
        {
            return Regex.IsMatch(script, @"\bvitest\b") ? "vitest"
                : Regex.IsMatch(script, @"\bjest\b") ? "jest"
                : Regex.IsMatch(script, @"\bnode\b.*\s--test\b") ? "node:test"
                : "npm";
        }
        return !Marks.Contains("node") ? null
            : Binaries.ContainsKey("vitest") ? "vitest"
            : Binaries.ContainsKey("jest") ? "jest" : "node:test";
    }

    private string? Python() =>
        Marks.Contains("pytest") ? "pytest"
        : !Marks.Contains("python") ? null
        : Marks.Contains("unittest") ? "unittest" : "pytest";

    private static ProjectFacts Parse(string text)
    {
        var marks = new HashSet<string>(StringComparer.Ordinal);
        var binaries = new Dictionary<string, string>(StringComparer.Ordinal);
        using var lines = new StringReader(text);
        while (lines.ReadLine() is { } line)
        {
            if (line == "package")
            {
                return new(marks, binaries, TestScriptOf(lines.ReadToEnd()));
            }
            var words = line.Split(' ', 3);
            _ = words is ["mark", var mark] ? marks.Add(mark)
                : words is ["bin", var name, var path] && binaries.TryAdd(name, path);
        }
        return new(marks, binaries, null);
    }

    private static string? TestScriptOf(string package)
    {
        try
        {
            using var json = JsonDocument.Parse(package);
            var script = json.RootElement.TryGetProperty("scripts", out var scripts)
                && scripts.TryGetProperty("test", out var test) ? test.GetString() : null;
            // npm init writes a script that only says that there is none
            return script?.Contains("no test specified", StringComparison.Ordinal) == true ? null : script;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
