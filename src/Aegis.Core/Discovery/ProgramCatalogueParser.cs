using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;

namespace Aegis.Core.Discovery;

/// <summary>Reads <c>clis.yaml</c>: every error at once, with its line and column.</summary>
public static class ProgramCatalogueParser
{
    public const int CharsMax = 256 * 1024;
    public const int ArgumentsMax = 20;
    private const int WordCharsMax = 200;

    public static ParseResult<ProgramCatalogue> Parse(string text, string fileName)
    {
        var errors = new List<Diagnostic>();
        var root = YamlSource.Load(text, fileName, CharsMax, errors);
        var programs = root is not null
            && YamlFields.Of(root, "the list of programs", errors, "programs") is { } fields
            ? fields.Entries("programs").Select(e => Program(e.Name, e.Value, errors))
                .OfType<KnownProgram>().ToList()
            : [];
        return errors.Count > 0
            ? new(null, [.. errors.OrderBy(e => e.At.Line).ThenBy(e => e.At.Column)])
            : new(new ProgramCatalogue(programs.ToImmutableSortedDictionary(p => p.Name, p => p,
                StringComparer.Ordinal)), []);
    }

    private static KnownProgram? Program(string name, YamlValue value, List<Diagnostic> errors)
    {
        var where = $"programs.{name}";
        if (!IdRule.IsValid(name))
        {
            YamlFields.Wrong(errors, value, where, "a program's name: letters, digits, '.', '_', '-'");
        }
        if (YamlFields.Of(value, where, errors, "kind", "says", "package", "slow", "tool", "model", "agent",
            "docs") is not { } fields)
        {
            return null;
        }
        var kind = Kind(fields, value, where, errors);
        var says = Says(fields, value, where, errors);
        var use = kind is { } known ? Use(fields, known, value, where, errors) : null;
        var docs = CatalogueFields.Page(fields, "docs", value, where, errors);
        return (kind, says, use, docs) is ({ } k, { } s, { } u, { } d)
            ? new KnownProgram(name, k, s, u, fields.Text("package", WordCharsMax), fields.Flag("slow"), d)
            : null;
    }

    private static ProgramKind? Kind(
        YamlFields fields, YamlValue value, string where, List<Diagnostic> errors)
    {
        switch (fields.Required("kind"))
        {
            case "tool":
                return ProgramKind.Tool;
            case "model_backend":
                return ProgramKind.ModelBackend;
            case "agent":
                return ProgramKind.Agent;
            default:
                YamlFields.Wrong(errors, fields.Value("kind") ?? value, $"{where}.kind",
                    "tool, model_backend or agent");
                return null;
        }
    }

    private static VersionQuestion? Says(
        YamlFields fields, YamlValue value, string where, List<Diagnostic> errors)
    {
        if (fields.Value("says") is not { } given)
        {
            YamlFields.Wrong(errors, value, $"{where}.says", "how it is asked for its version");
            return null;
        }
        if (YamlFields.Of(given, $"{where}.says", errors, "args", "match", "env") is not { } says)
        {
            return null;
        }
        var environment = says.Entries("env").Select(e => (e.Name, Value: e.Value as YamlScalar)).ToList();
        if (environment.Any(e => e.Value is null))
        {
            YamlFields.Wrong(errors, given, $"{where}.says.env", "texts by the names of variables");
            return null;
        }
        return new VersionQuestion(Words(says, "args", $"{where}.says", errors),
            Pattern(says, $"{where}.says", errors) ?? VersionQuestion.AnyVersion,
            environment.ToImmutableSortedDictionary(e => e.Name, e => e.Value!.Text, StringComparer.Ordinal));
    }

    // without backtracking: no output of a program can make a pattern slow
    private static Regex? Pattern(YamlFields says, string where, List<Diagnostic> errors)
    {
        if (says.Text("match", WordCharsMax) is not { } text)
        {
            return null;
        }
        try
        {
            var pattern = new Regex(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            if (pattern.GetGroupNumbers().Length == 2)
            {
                return pattern;
            }
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            // said below
        }
        YamlFields.Wrong(errors, says.Value("match")!, $"{where}.match",
            "a pattern with one group, without look-around or back-references");
        return null;
    }

    private static ProgramUse? Use(
        YamlFields fields, ProgramKind kind, YamlValue value, string where, List<Diagnostic> errors)
    {
        var name = kind switch
        {
            ProgramKind.Tool => "tool",
            ProgramKind.ModelBackend => "model",
            _ => "agent",
        };
        if (fields.Value(name) is not { } given)
        {
            YamlFields.Wrong(errors, value, $"{where}.{name}", "how it is used");
            return null;
        }
        var at = $"{where}.{name}";
        string[] known = kind switch
        {
            ProgramKind.Tool => ["argv"],
            ProgramKind.ModelBackend => ["argv", "protocol", "address"],
            _ => ["argv", "prompt"],
        };
        if (YamlFields.Of(given, at, errors, known) is not { } use)
        {
            return null;
        }
        var argv = Words(use, "argv", at, errors);
        if (argv.IsEmpty)
        {
            YamlFields.Wrong(errors, given, $"{at}.argv", "at least one word");
        }
        return kind switch
        {
            ProgramKind.Tool => new ProgramUse(argv),
            ProgramKind.ModelBackend => BackEnd(use, argv, given, at, errors),
            _ => Agent(use, argv, given, at, errors),
        };
    }

    private static ProgramUse? BackEnd(YamlFields use, ImmutableArray<string> argv, YamlValue given,
        string where, List<Diagnostic> errors)
    {
        var protocol = use.Required("protocol");
        var address = Uri.TryCreate(use.Text("address"), UriKind.Absolute, out var uri) && uri.IsLoopback
            ? uri : null;
        if ((protocol is "stdin" && use.Value("address") is null)
            || (protocol is "openai" && address is not null))
        {
            return new ProgramUse(argv, protocol, address);
        }
        YamlFields.Wrong(errors, given, where,
            "protocol: openai with an address on loopback, or protocol: stdin without one");
        return null;
    }

    private static ProgramUse? Agent(YamlFields use, ImmutableArray<string> argv, YamlValue given,
        string where, List<Diagnostic> errors)
    {
        if (use.Required("prompt") is { } prompt and ("stdin" or "argument"))
        {
            return new ProgramUse(argv, Prompt: prompt);
        }
        YamlFields.Wrong(errors, use.Value("prompt") ?? given, $"{where}.prompt", "stdin or argument");
        return null;
    }

    private static ImmutableArray<string> Words(
        YamlFields fields, string name, string where, List<Diagnostic> errors)
    {
        var items = fields.Items(name).ToList();
        if (items.Count <= ArgumentsMax
            && items.All(i => i is YamlScalar { Text.Length: > 0 and <= WordCharsMax }))
        {
            return [.. items.Cast<YamlScalar>().Select(i => i.Text)];
        }
        YamlFields.Wrong(errors, fields.Value(name)!, $"{where}.{name}",
            $"at most {ArgumentsMax} words of 1 to {WordCharsMax} characters");
        return [];
    }
}
