using System.Text;
using Aegis.Core.Errors;

namespace Aegis.Core.Expressions;

/// <summary>What came of an expression: a value, or an error and the stage that it came from.</summary>
public sealed record ExpressionAnswer(ExpressionValue? Value, AegisError? Error,
    ExpressionErrorKind ErrorKind = ExpressionErrorKind.Evaluation)
{
    private const string Opening = "${{";
    private const string Closing = "}}";

    /// <summary>Parses and evaluates a text, with or without <c>${{ }}</c> around it, whose roots are exactly
    /// the members of the context's JSON.</summary>
    public static ExpressionAnswer Of(string text, JsonContext context)
    {
        var parse = Expression.Parse(Unwrapped(text), context.Names);
        if (parse.Expression is not { } expression)
        {
            return new ExpressionAnswer(null, parse.Error, parse.ErrorKind);
        }
        var result = expression.Evaluate(context);
        return new ExpressionAnswer(result.Value, result.Error);
    }

    /// <summary>null, boolean, number, string, array or object.</summary>
    public static string KindOf(ExpressionValue value) => value switch
    {
        ExpressionValue.NullValue => "null",
        ExpressionValue.BooleanValue => "boolean",
        ExpressionValue.NumberValue => "number",
        ExpressionValue.StringValue => "string",
        ExpressionValue.ArrayValue => "array",
        _ => "object",
    };

    /// <summary>The value as JSON. A number that JSON does not know is its text, <c>"NaN"</c>,
    /// <c>"Infinity"</c> or <c>"-Infinity"</c>; inside arrays and objects it is null, as toJSON has it. Null
    /// where the value is too large or too deep.</summary>
    public static string? JsonOf(ExpressionValue value)
    {
        if (value is ExpressionValue.NumberValue n && !double.IsFinite(n.Value))
        {
            return $"\"{NumberText.Shown(n.Value)}\"";
        }
        var text = new StringBuilder();
        return JsonText.TryWrite(text, value, isIndented: false) ? text.ToString() : null;
    }

    /// <summary><c>{"kind", "value"}</c> or <c>{"error": {"kind", "message"}}</c>, on one line.</summary>
    public string ToJson()
    {
        if (Value is not null && JsonOf(Value) is { } json)
        {
            return $"{{\"kind\":\"{KindOf(Value)}\",\"value\":{json}}}";
        }
        return Error is not null
            ? ErrorJson(NameOf(ErrorKind), Error)
            : ErrorJson(NameOf(ExpressionErrorKind.Evaluation), TooLarge);
    }

    public static string NameOf(ExpressionErrorKind kind) => kind switch
    {
        ExpressionErrorKind.Lexing => "lexing",
        ExpressionErrorKind.Parsing => "parsing",
        _ => "evaluation",
    };

    public static string ErrorJson(string kind, AegisError error)
    {
        var text = new StringBuilder("{\"error\":{\"kind\":\"").Append(kind).Append("\",\"message\":");
        JsonText.WriteString(text, error.ToString());
        return text.Append("}}").ToString();
    }

    /// <summary>What to say of a value that <see cref="JsonOf"/> has no text for.</summary>
    public static AegisError TooLarge { get; } = new("AEGIS1094",
        "the value is too large or too deep to show",
        $"at most {Expression.TextMax} characters and {JsonText.DepthMax} levels", null,
        "name the member you need");

    private static string Unwrapped(string text)
    {
        var trimmed = text.AsSpan().Trim(" \t\r\n");
        return trimmed.StartsWith(Opening, StringComparison.Ordinal)
            && trimmed.EndsWith(Closing, StringComparison.Ordinal)
                ? trimmed[Opening.Length..^Closing.Length].ToString()
                : text;
    }
}
