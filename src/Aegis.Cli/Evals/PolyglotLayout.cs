using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using Aegis.Core.Evals;

namespace Aegis.Cli.Evals;

/// <summary>Reads exercises as Exercism's tracks have them, and the polyglot benchmark of Aider after them:
/// <c>LANGUAGE/exercises/practice/NAME</c> with <c>.docs/*.md</c> for the sentence and
/// <c>.meta/config.json</c>, which says which files are begun, which judge, and which are the answer. The
/// answer is never read.</summary>
internal static partial class PolyglotLayout
{
    private static readonly ImmutableSortedDictionary<string, string?> Frameworks =
        new Dictionary<string, string?>
        {
            ["go"] = "go", ["java"] = "maven", ["javascript"] = null, ["python"] = "unittest",
            ["rust"] = "cargo",
        }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    private static readonly string[] Docs =
        [".docs/introduction.md", ".docs/instructions.md", ".docs/instructions.append.md"];

    /// <summary>Those that <c>tests.run</c> can judge.</summary>
    public static IEnumerable<string> Languages => Frameworks.Keys;

    public static ImmutableArray<EvalCase> Read(string root, ImmutableArray<string> languages)
    {
        var cases = ImmutableArray.CreateBuilder<EvalCase>();
        foreach (var language in Frameworks.Keys.Where(l => languages.IsEmpty || languages.Contains(l)))
        {
            var practice = Path.Combine(root, language, "exercises", "practice");
            string[] folders = Directory.Exists(practice) ? Directory.GetDirectories(practice) : [];
            cases.AddRange(folders.Order(StringComparer.Ordinal).Select(f => Exercise(language, f)));
        }
        return cases.Count > EvalSuiteParser.CasesMax
            ? throw new CliException(ExitCode.Usage, "AEGIS2747",
                $"{root} has {cases.Count} exercises; at most {EvalSuiteParser.CasesMax} are one suite",
                "name fewer languages by --language")
            : cases.ToImmutable();
    }

    private static EvalCase Exercise(string language, string folder)
    {
        var id = $"{language}-{Path.GetFileName(folder)}";
        var config = Config(id, folder);
        var solution = CaseFolder.Read(id, folder, config.Solution);
        var tests = CaseFolder.Read(id, folder, config.Test);
        // what the runner needs beside both: package.json, Cargo.toml, go.mod
        var others = Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f))
            .Where(f => !f.StartsWith('.') && !config.Solution.Contains(f) && !config.Test.Contains(f)
                && !config.Example.Contains(f) && !f.EndsWith(".md", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);
        ImmutableArray<EvalFile> files = [.. solution, .. CaseFolder.Read(id, folder, others)];
        var framework = language == "javascript" ? JavaScript(files) : Frameworks[language];
        return new EvalCase(id, Sentence(id, folder, config.Solution), files,
            [.. tests.Select(t => t with { Content = Awake(language, t.Content) })], framework,
            framework == "node:test" ? [.. config.Test] : []);
    }

    private static string Sentence(string id, string folder, ImmutableArray<string> solution)
    {
        var docs = Docs.Where(d => File.Exists(Path.Combine(folder, d))).ToList();
        var text = string.Join("\n\n", CaseFolder.Read(id, folder, docs).Select(f => f.Content.Trim()));
        return text.Length is > 0 and <= EvalSuiteParser.SentenceCharsMax
            ? $"{text}\n\nChange {string.Join(", ", solution)} so that it does that, with the standard "
                + "library alone."
            : throw CaseFolder.Wrong(id, $".docs holds {text.Length} characters of instructions",
                $"1 to {EvalSuiteParser.SentenceCharsMax}");
    }

    // a package that names jest is judged by jest, any other one by node itself
    private static string JavaScript(ImmutableArray<EvalFile> files) => files.Any(f =>
        f.Path == "package.json" && f.Content.Contains("\"jest\"", StringComparison.Ordinal))
        ? "jest" : "node:test";

    // learners uncomment one test after the other; all of them judge
    private static string Awake(string language, string test) => language switch
    {
        "javascript" => Skipped().Replace(test, "$1"),
        "java" => Disabled().Replace(test, ""),
        _ => test,
    };

    private static ExerciseConfig Config(string id, string folder)
    {
        var file = Path.Combine(folder, ".meta", "config.json");
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(file));
            var files = json.RootElement.GetProperty("files");
            var read = new ExerciseConfig(List(files, "solution"), List(files, "test"),
                [.. List(files, "example"), .. List(files, "exemplar")]);
            return read.Solution.IsEmpty || read.Test.IsEmpty ? throw Bad(id, file) : read;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException
            or IOException)
        {
            throw Bad(id, file);
        }
    }

    private static ImmutableArray<string> List(JsonElement files, string name) =>
        files.TryGetProperty(name, out var list)
            ? [.. list.EnumerateArray().Select(f => f.GetString() ?? "")] : [];

    private static CliException Bad(string id, string file) => new(ExitCode.Usage, "AEGIS2749",
        $"case {id}: {file} does not say which files are the solution and which judge",
        """it is JSON such as {"files": {"solution": ["leap.py"], "test": ["leap_test.py"]}}""");

    private sealed record ExerciseConfig(ImmutableArray<string> Solution, ImmutableArray<string> Test,
        ImmutableArray<string> Example);

    [GeneratedRegex(@"\bx(test|it|describe)(?=[.(])")]
    private static partial Regex Skipped();

    [GeneratedRegex(@"^\s*@(Disabled|Ignore)\b.*\n", RegexOptions.Multiline)]
    private static partial Regex Disabled();
}
