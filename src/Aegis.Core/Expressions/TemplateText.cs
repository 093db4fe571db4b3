using System.Collections.Immutable;
using System.Text;
using Aegis.Core.Errors;

namespace Aegis.Core.Expressions;

/// <summary>A string cut into its literal parts and its expressions: <c>${{ … }}</c> everywhere, and the
/// short form <c>${root.path}</c> where it is read.</summary>
internal sealed record TemplateText(ImmutableArray<TemplatePart> Parts, ExpressionFault? Fault)
{
    public const string Open = "${{";
    public const string Close = "}}";
    private const int CachedMax = 4_096;

    private static readonly ParseCache<(string Text, bool ReadsShortForm, string? ItemName), TemplateText>
        Parsed = new(CachedMax, key => new Splitter(key.Text, key.ReadsShortForm, key.ItemName).Split());

    /// <summary>True for a fault too: such a string is not constant text.</summary>
    public bool HasExpressions => Fault is not null || Parts.Any(p => p.Expression is not null);

    /// <param name="itemName">What a foreach calls its items, where they have a value.</param>
    public static TemplateText Parse(string text, bool readsShortForm, string? itemName = null)
    {
        if (!text.Contains("${", StringComparison.Ordinal))
        {
            return new TemplateText([new TemplatePart(0, text, null)], null);
        }
        return text.Length <= Expression.CachedLengthMax
            ? Parsed.Get((text, readsShortForm, itemName))
            : new Splitter(text, readsShortForm, itemName).Split();
    }

    private sealed class Splitter(string text, bool readsShortForm, string? itemName)
    {
        private readonly ImmutableArray<TemplatePart>.Builder parts =
            ImmutableArray.CreateBuilder<TemplatePart>();

        private readonly StringBuilder literal = new();
        private ExpressionFault? fault;
        private int literalAt;

        public TemplateText Split()
        {
            var at = 0;
            while (at < text.Length && fault is null)
            {
                var dollar = text.IndexOf("${", at, StringComparison.Ordinal);
                if (dollar < 0)
                {
                    dollar = text.Length;
                }
                literal.Append(text, at, dollar - at);
                at = dollar;
                if (at < text.Length)
                {
                    at = ReadDollar(at);
                }
            }
            CloseLiteral(text.Length);
            return new TemplateText(parts.ToImmutable(), fault);
        }

        private int ReadDollar(int at)
        {
            if (string.CompareOrdinal(text, at, Open, 0, Open.Length) == 0)
            {
                return ReadLongForm(at);
            }
            var length = readsShortForm ? ShortForm.LengthAt(text, at, itemName) : 0;
            if (length == 0)
            {
                literal.Append("${");
                return at + 2;
            }
            Add(at, at + 2, text.Substring(at + 2, length - 3));
            return at + length;
        }

        private int ReadLongForm(int at)
        {
            var start = at + Open.Length;
            var inString = false;
            for (var i = start; i < text.Length; i++)
            {
                inString ^= text[i] == '\'';
                if (!inString && text[i] == '}' && i + 1 < text.Length && text[i + 1] == '}')
                {
                    Add(at, start, text[start..i]);
                    return i + 2;
                }
            }
            fault = new ExpressionFault(at, new AegisError("AEGIS1091", "an expression is not closed",
                "${{ … }}",
                inString ? "a string without its closing quote" : "no }}"));
            return text.Length;
        }

        private void Add(int at, int expressionAt, string expression)
        {
            CloseLiteral(at);
            var parse = Expression.Parse(expression);
            if (parse.Expression is null)
            {
                fault = new ExpressionFault(expressionAt + parse.At, parse.Error!, parse.ErrorKind);
                return;
            }
            parts.Add(new TemplatePart(expressionAt, null, parse.Expression));
        }

        private void CloseLiteral(int next)
        {
            if (literal.Length > 0)
            {
                parts.Add(new TemplatePart(literalAt, literal.ToString(), null));
                literal.Clear();
            }
            literalAt = next;
        }
    }
}

/// <summary>Either literal text or an expression.</summary>
/// <param name="At">Offset in the string; of an expression, of the text inside its braces.</param>
internal sealed record TemplatePart(int At, string? Literal, Expression? Expression);
