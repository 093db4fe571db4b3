using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;

namespace Aegis.Core.Knowledge;

/// <summary>Reads an article: YAML between two lines of <c>---</c>, then Markdown. Every error at
/// once.</summary>
internal static class KnowledgeFile
{
    private const string Fence = "---\n";

    public static ParseResult<KnowledgeArticle> Parse(string text, string file, bool isOwn)
    {
        var errors = new List<Diagnostic>();
        text = text.ReplaceLineEndings("\n");
        var end = text.StartsWith(Fence, StringComparison.Ordinal)
            ? text.IndexOf("\n" + Fence, Fence.Length - 1, StringComparison.Ordinal) : -1;
        if (text.Length > KnowledgeLimits.ArticleCharsMax)
        {
            Wrong(errors, file, 1, "the article is too long",
                $"at most {KnowledgeLimits.ArticleCharsMax} characters", $"{text.Length}");
        }
        else if (end < 0)
        {
            Wrong(errors, file, 1, "the article has no front matter",
                "YAML between two lines of ---, at its beginning", null);
        }
        else
        {
            var head = text[Fence.Length..(end + 1)];
            var body = text[(end + 1 + Fence.Length)..];
            CheckSections(body, file, 3 + head.Count(c => c == '\n'), errors);
            // the fence stays, as a comment, so that lines count as in the file
            var root = YamlSource.Load("#--\n" + head, file, KnowledgeLimits.ArticleCharsMax, errors);
            var fields = root is null ? null : YamlFields.Of(root, file, errors,
                "id", "title", "tags", "stacks", "when", "avoid", "standards");
            if (fields is not null && Read(fields, body.Trim(), file, isOwn, errors) is { } article
                && errors.Count == 0)
            {
                return new(article, []);
            }
        }
        return new(null, [.. errors]);
    }

    private static KnowledgeArticle Read(
        YamlFields fields, string body, string file, bool isOwn, List<Diagnostic> errors)
    {
        var id = fields.Required("id", IdRule.LengthMax) ?? "";
        if (fields.Value("id") is { } given && !IdRule.IsValid(id))
        {
            YamlFields.Wrong(errors, given, $"{file}.id", "1 to 64 letters, digits, '.', '_', '-'");
        }
        fields.Need("tags", "stacks");
        return new KnowledgeArticle(id, Line(fields, "title", KnowledgeLimits.TitleCharsMax, file, errors),
            List(fields, "tags", KnowledgeLimits.TagsMax, file, errors),
            List(fields, "stacks", KnowledgeLimits.StacksMax, file, errors),
            Line(fields, "when", KnowledgeLimits.LineCharsMax, file, errors),
            Line(fields, "avoid", KnowledgeLimits.LineCharsMax, file, errors),
            List(fields, "standards", KnowledgeLimits.StandardsMax, file, errors), body, isOwn);
    }

    private static string Line(
        YamlFields fields, string name, int charsMax, string file, List<Diagnostic> errors)
    {
        var text = fields.Required(name, charsMax);
        if (text is not null && (text.Length == 0 || text.Any(char.IsControl)))
        {
            YamlFields.Wrong(errors, fields.Value(name)!, $"{file}.{name}", "one line of text");
        }
        return text ?? "";
    }

    private static ImmutableArray<string> List(
        YamlFields fields, string name, int max, string file, List<Diagnostic> errors)
    {
        var read = ImmutableArray.CreateBuilder<string>();
        foreach (var item in fields.Items(name))
        {
            if (read.Count == max || item is not YamlScalar { Text: { Length: > 0 and <= 64 } word }
                || word.Any(char.IsControl) || read.Contains(word))
            {
                YamlFields.Wrong(errors, item, $"{file}.{name}",
                    $"at most {max}, each once, of at most 64 characters");
                break;
            }
            read.Add(word);
        }
        return read.ToImmutable();
    }

    private static void CheckSections(string body, string file, int line, List<Diagnostic> errors)
    {
        (string Name, int Line)? open = null;
        var (next, filled) = (0, false);
        foreach (var text in body.Split('\n').Append("## "))
        {
            if (text.StartsWith("## ", StringComparison.Ordinal))
            {
                if (open is { } empty && !filled)
                {
                    Wrong(errors, file, empty.Line, $"the section {empty.Name} is empty",
                        "text below its heading", null);
                }
                (open, filled) = ((text[3..].Trim(), line), false);
                next += next < KnowledgeArticle.Sections.Length
                    && open.Value.Name == KnowledgeArticle.Sections[next] ? 1 : 0;
            }
            else
            {
                filled |= !string.IsNullOrWhiteSpace(text);
            }
            line++;
        }
        if (next < KnowledgeArticle.Sections.Length)
        {
            Wrong(errors, file, line, $"the section {KnowledgeArticle.Sections[next]} is missing",
                "## " + string.Join(", ## ", KnowledgeArticle.Sections) + ", in this order", null);
        }
    }

    private static void Wrong(
        List<Diagnostic> errors, string file, int line, string what, string expected, string? got) =>
        errors.Add(new(new(file, line, 1), KnowledgeErrors.Article(what, expected, got)));
}
