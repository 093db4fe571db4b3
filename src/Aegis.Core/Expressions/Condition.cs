using Aegis.Core.Errors;

namespace Aegis.Core.Expressions;

/// <summary>A step's <c>if</c>: an expression with or without <c>${{ }}</c> around it. One that calls no
/// status function means <c>success() &amp;&amp; (…)</c>, and none at all means <c>success()</c>.</summary>
public static class Condition
{
    private const int CachedMax = 4_096;
    private static readonly ParseCache<string, ExpressionParse> Parsed = new(CachedMax, ParseAnew);

    public static ConditionResult Evaluate(string? ifText, ExpressionContext context)
    {
        if (ifText is null)
        {
            return new ConditionResult(context.Success, null);
        }
        var parse = Parse(ifText);
        if (parse.Expression is not { } expression)
        {
            return new ConditionResult(null, parse.Error);
        }
        return !expression.AsksStatus && !context.Success
            ? new ConditionResult(false, null)
            : IsTrue(expression, context);
    }

    /// <summary>A condition that means what it says and nothing else, such as <c>repeat.until</c>.</summary>
    public static ConditionResult EvaluateBare(string text, ExpressionContext context)
    {
        var parse = Parse(text);
        return parse.Expression is { } expression
            ? IsTrue(expression, context)
            : new ConditionResult(null, parse.Error);
    }

    private static ConditionResult IsTrue(Expression expression, ExpressionContext context)
    {
        var result = expression.Evaluate(context);
        return result.Error is null
            ? new ConditionResult(Coercion.IsTruthy(result.Value!), null)
            : new ConditionResult(null, result.Error);
    }

    /// <summary>Parses an <c>if</c>; the error's offset counts from the start of the text given.</summary>
    public static ExpressionParse Parse(string ifText) =>
        ifText.Length > Expression.CachedLengthMax ? ParseAnew(ifText) : Parsed.Get(ifText);

    private static ExpressionParse ParseAnew(string ifText)
    {
        var opening = ifText.IndexOf(TemplateText.Open, StringComparison.Ordinal);
        if (opening < 0)
        {
            return Expression.Parse(ifText);
        }
        var template = TemplateText.Parse(ifText.TrimEnd(), readsShortForm: false);
        if (template.Fault is { } fault)
        {
            return new ExpressionParse(null, fault.Error, fault.At, fault.Kind);
        }
        var isWhole = template.Parts is [.., { Expression: not null }]
            && template.Parts.SkipLast(1).All(p => string.IsNullOrWhiteSpace(p.Literal ?? "?"));
        return isWhole
            ? new ExpressionParse(template.Parts[^1].Expression, null, 0)
            : new ExpressionParse(null, new AegisError("AEGIS1095",
                "an if mixes text with ${{ }}, so it would always be true", "one expression", null,
                "put all of it inside one ${{ }}, or write no ${{ }} at all"), opening);
    }
}

public readonly record struct ConditionResult(bool? Value, AegisError? Error);
