using System.Collections.Immutable;
using Aegis.Cli.Commands;
using Aegis.Core.Evals;

namespace Aegis.Cli.Evals;

/// <summary>The cases of a folder: of its <c>suite.yaml</c>, or of exercises in the polyglot
/// layout.</summary>
internal sealed record EvalSuite(string Name, ImmutableArray<EvalCase> Cases)
{
    public const string FileName = "suite.yaml";

    /// <param name="languages">Of the polyglot layout; empty for all that are there.</param>
    public static EvalSuite? Read(string path, ImmutableArray<string> languages, Terminal terminal)
    {
        var file = Directory.Exists(path) ? Path.Combine(path, FileName) : path;
        if (File.Exists(file))
        {
            return OfFile(file, terminal);
        }
        var folder = Directory.Exists(path) ? path : throw NoSuite(path);
        var exercises = PolyglotLayout.Read(folder, languages);
        return exercises.IsEmpty ? throw NoSuite(path)
            : new EvalSuite(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))),
                exercises);
    }

    private static EvalSuite? OfFile(string file, Terminal terminal)
    {
        var read = EvalSuiteParser.Parse(Commands.Files.ReadText(file, EvalSuiteParser.CharsMax), file);
        if (read.Value is not { } suite)
        {
            terminal.Places(read.Errors);
            return null;
        }
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        return new EvalSuite(suite.Name, [.. suite.Cases.Select(c => new EvalCase(c.Id, c.Sentence,
            c.Files is null ? [] : CaseFolder.Read(c.Id, CaseFolder.Inside(c.Id, folder, c.Files)),
            CaseFolder.Read(c.Id, CaseFolder.Inside(c.Id, folder, c.Tests)) is { IsEmpty: false } tests
                ? tests : throw CaseFolder.Wrong(c.Id, $"{c.Tests} holds no test", "put one there"),
            c.Framework, c.Args))]);
    }

    private static CliException NoSuite(string path) => new(ExitCode.Usage, "AEGIS2747",
        $"{path} is no suite: it has neither {FileName} nor LANGUAGE/exercises/practice",
        "name a folder as docs/eval.md shows it; --language is one of "
            + string.Join(", ", PolyglotLayout.Languages));
}
