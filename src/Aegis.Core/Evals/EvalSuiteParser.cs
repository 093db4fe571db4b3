using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;

namespace Aegis.Core.Evals;

/// <summary>Reads <c>suite.yaml</c>: every error at once, with its line and column.</summary>
public static class EvalSuiteParser
{
    public const int CharsMax = 1024 * 1024;
    public const int CasesMax = 1_000;
    public const int SentenceCharsMax = 32 * 1024;
    public const int ArgsMax = 20;

    public static ParseResult<EvalSuiteText> Parse(string text, string fileName)
    {
        var errors = new List<Diagnostic>();
        var root = YamlSource.Load(text, fileName, CharsMax, errors);
        var suite = root is not null
            && YamlFields.Of(root, "the suite", errors, "name", "framework", "cases") is { } fields
            ? Read(root, fields, errors) : null;
        return errors.Count == 0 && suite is not null ? new(suite, [])
            : new(null, [.. errors.OrderBy(e => e.At.Line).ThenBy(e => e.At.Column).Select(Mended)]);
    }

    private static EvalSuiteText? Read(YamlValue root, YamlFields fields, List<Diagnostic> errors)
    {
        fields.Need("name", "cases");
        var (name, framework) = (fields.Text("name", 64), fields.Text("framework", 32));
        var cases = ImmutableArray.CreateBuilder<EvalCaseText>();
        foreach (var item in fields.Items("cases"))
        {
            if (Case(item, framework, errors) is not { } read)
            {
                continue;
            }
            if (cases.Any(c => string.Equals(c.Id, read.Id, StringComparison.OrdinalIgnoreCase)))
            {
                errors.Add(Wrong(item, $"two cases are called {read.Id}", "a name of its own for each"));
            }
            cases.Add(read);
        }
        if (errors.Count == 0 && cases.Count is 0 or > CasesMax)
        {
            errors.Add(Wrong(root, $"the suite has {cases.Count} cases", $"1 to {CasesMax}"));
        }
        return name is null ? null : new EvalSuiteText(name, cases.ToImmutable());
    }

    private static EvalCaseText? Case(YamlValue item, string? framework, List<Diagnostic> errors)
    {
        if (YamlFields.Of(item, "a case", errors, "id", "sentence", "files", "tests", "framework", "args")
            is not { } fields)
        {
            return null;
        }
        fields.Need("id", "sentence", "tests");
        var (id, sentence, tests) = (fields.Text("id", IdRule.LengthMax),
            fields.Text("sentence", SentenceCharsMax), fields.Text("tests", 255));
        if (id is not null && !IdRule.IsValid(id))
        {
            errors.Add(Wrong(item, $"{id} is no name of a case", "letters, digits and . _ -"));
        }
        var args = fields.Items("args").ToList();
        if (args.Count > ArgsMax || args.Any(a => a is not YamlScalar { Text.Length: > 0 and <= 1024 }))
        {
            errors.Add(Wrong(item, $"args of {id} are wrong", $"at most {ArgsMax} texts"));
        }
        return id is null || sentence is null || tests is null ? null
            : new EvalCaseText(id, sentence, fields.Text("files", 255), tests,
                fields.Text("framework", 32) ?? framework,
                [.. args.OfType<YamlScalar>().Select(a => a.Text)], item.At);
    }

    private static Diagnostic Wrong(YamlValue at, string what, string expected) => new(at.At,
        new AegisError("AEGIS2745", what, expected, null, "see docs/eval.md"));

    // the reader of fields serves profiles too, and sends whoever errs to their page
    private static Diagnostic Mended(Diagnostic told) => told.Error.Mend == YamlFields.SeeProfile
        ? told with { Error = told.Error with { Mend = "see docs/eval.md" } } : told;
}
