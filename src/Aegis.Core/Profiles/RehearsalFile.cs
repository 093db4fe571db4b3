using System.Collections.Immutable;
using System.Text;
using Aegis.Core.Errors;

namespace Aegis.Core.Profiles;

/// <summary>A conversation that stands in for a model: words that were written by hand (<c>scripted</c>) or
/// recorded from a real one. Used only where a profile names it, and its origin shows in every
/// reply.</summary>
public sealed record RehearsalFile(string Origin, ImmutableArray<RehearsedTurn> Turns)
{
    public const int CharsMax = 4 * 1024 * 1024;
    public const int ReplyCharsMax = 256 * 1024;

    /// <summary>Reads the file; every error at once.</summary>
    public static ParseResult<RehearsalFile> Parse(string text, string fileName)
    {
        var errors = new List<Diagnostic>();
        var root = YamlSource.Load(text, fileName, CharsMax, errors);
        if (root is null || YamlFields.Of(root, "the rehearsal", errors, "origin", "turns") is not { } fields)
        {
            if (errors.Count == 0)
            {
                errors.Add(new(new(fileName, 1, 1), new("AEGIS2315", "the rehearsal is empty",
                    "origin and turns", Mend: "see docs/profile.md")));
            }
            return new(null, [.. errors]);
        }
        var origin = fields.Required("origin");
        if (origin is not (null or "scripted" or "recorded"))
        {
            YamlFields.Wrong(errors, fields.Value("origin")!, "origin", "scripted or recorded");
        }
        var turns = fields.Items("turns").Select(item => Turn(item, errors)).OfType<RehearsedTurn>()
            .ToImmutableArray();
        return errors.Count == 0 ? new(new(origin!, turns), []) : new(null, [.. errors]);
    }

    private static RehearsedTurn? Turn(YamlValue item, List<Diagnostic> errors)
    {
        if (YamlFields.Of(item, "turns", errors, "role", "turn", "match", "reply", "input_tokens",
                "output_tokens", "cost_usd") is not { } fields)
        {
            return null;
        }
        _ = fields.Required("cost_usd");
        var reply = fields.Required("reply", ReplyCharsMax);
        var match = fields.Value("match") is { } value
            ? YamlFields.Of(value, "turns.match", errors, "contains", "equals") : null;
        var contains = match?.Text("contains", ReplyCharsMax);
        var equals = match?.Text("equals", ReplyCharsMax);
        if (match is not null && contains is null == equals is null)
        {
            YamlFields.Wrong(errors, fields.Value("match")!, "turns.match",
                "exactly one of contains and equals");
        }
        return new RehearsedTurn(
            fields.Text("role", 64) ?? "user",
            (int)(fields.Integer("turn", 1, 10_000) ?? 1),
            contains, equals, reply ?? "",
            fields.Integer("input_tokens", 0, 100_000_000) ?? 0,
            fields.Integer("output_tokens", 0, 100_000_000) ?? 0,
            fields.Number("cost_usd", 0, 1_000_000) ?? 0);
    }
}

/// <summary>One rehearsed answer: for a role's n-th turn, and for a prompt that holds or equals a
/// text.</summary>
public sealed record RehearsedTurn(string Role, int Turn, string? Contains, string? Equal, string Reply,
    long InputTokens, long OutputTokens, decimal CostUsd)
{
    /// <summary>Prompts are compared with runs of white space as one space, trimmed.</summary>
    public bool Matches(string prompt)
    {
        var normal = Normalise(prompt);
        return (Contains is null || normal.Contains(Normalise(Contains), StringComparison.Ordinal))
            && (Equal is null || normal == Normalise(Equal));
    }

    public static string Normalise(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (!char.IsWhiteSpace(c))
            {
                result.Append(c);
            }
            else if (result.Length > 0 && result[^1] != ' ')
            {
                result.Append(' ');
            }
        }
        return result.ToString().TrimEnd(' ');
    }
}
