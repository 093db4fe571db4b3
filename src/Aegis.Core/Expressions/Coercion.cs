namespace Aegis.Core.Expressions;

/// <summary>How GitHub's expression library turns values of one kind into another and compares them. Where it
/// and GitHub's C# runner disagree (digits of a number), the library counts: its answers can be asked for by
/// a program, so they can be held to.</summary>
public static class Coercion
{
    public static bool IsTruthy(ExpressionValue value) => value switch
    {
        ExpressionValue.NullValue => false,
        ExpressionValue.BooleanValue b => b.Value,
        ExpressionValue.NumberValue n => n.Value != 0 && !double.IsNaN(n.Value),
        ExpressionValue.StringValue s => s.Value.Length > 0,
        _ => true,
    };

    public static bool IsPrimitive(ExpressionValue value) =>
        value is not (ExpressionValue.ArrayValue or ExpressionValue.ObjectValue);

    public static double ToNumber(ExpressionValue value) => value switch
    {
        ExpressionValue.NullValue => 0,
        ExpressionValue.BooleanValue b => b.Value ? 1 : 0,
        ExpressionValue.NumberValue n => n.Value,
        ExpressionValue.StringValue s => NumberText.Parse(s.Value),
        _ => double.NaN,
    };

    /// <summary>Fifteen decimals for a number; <c>Array</c> and <c>Object</c> for those.</summary>
    public static string ToText(ExpressionValue value) => value switch
    {
        ExpressionValue.NullValue => "",
        ExpressionValue.BooleanValue b => b.Value ? "true" : "false",
        ExpressionValue.NumberValue n => NumberText.Shown(n.Value),
        ExpressionValue.StringValue s => s.Value,
        ExpressionValue.ArrayValue => "Array",
        _ => "Object",
    };

    public static bool AreEqual(ExpressionValue left, ExpressionValue right)
    {
        (left, right) = Align(left, right);
        return (left, right) switch
        {
            (ExpressionValue.NullValue, ExpressionValue.NullValue) => true,
            (ExpressionValue.NumberValue l, ExpressionValue.NumberValue r) => l.Value == r.Value,
            (ExpressionValue.StringValue l, ExpressionValue.StringValue r) =>
                LetterCase.AreEqual(l.Value, r.Value),
            (ExpressionValue.BooleanValue l, ExpressionValue.BooleanValue r) => l.Value == r.Value,
            (ExpressionValue.ArrayValue l, ExpressionValue.ArrayValue r) => l.Items.Equals(r.Items),
            (ExpressionValue.ObjectValue l, ExpressionValue.ObjectValue r) =>
                l.Members.Equals(r.Members),
            _ => false,
        };
    }

    public static bool IsGreater(ExpressionValue left, ExpressionValue right)
    {
        (left, right) = Align(left, right);
        return (left, right) switch
        {
            (ExpressionValue.NumberValue l, ExpressionValue.NumberValue r) => l.Value > r.Value,
            (ExpressionValue.StringValue l, ExpressionValue.StringValue r) =>
                string.CompareOrdinal(LetterCase.Upper(l.Value), LetterCase.Upper(r.Value)) > 0,
            (ExpressionValue.BooleanValue l, ExpressionValue.BooleanValue r) => l.Value && !r.Value,
            _ => false,
        };
    }

    /// <summary>Kinds that differ meet as numbers where one is null, boolean or number; arrays and objects
    /// meet nothing but themselves.</summary>
    private static (ExpressionValue Left, ExpressionValue Right) Align(ExpressionValue left,
        ExpressionValue right)
    {
        if (left.GetType() == right.GetType())
        {
            return (left, right);
        }
        if (left is ExpressionValue.NullValue or ExpressionValue.BooleanValue)
        {
            return Align(ExpressionValue.Of(ToNumber(left)), right);
        }
        if (right is ExpressionValue.NullValue or ExpressionValue.BooleanValue)
        {
            return Align(left, ExpressionValue.Of(ToNumber(right)));
        }
        return (left, right) switch
        {
            (ExpressionValue.NumberValue, ExpressionValue.StringValue) =>
                (left, ExpressionValue.Of(ToNumber(right))),
            (ExpressionValue.StringValue, ExpressionValue.NumberValue) =>
                (ExpressionValue.Of(ToNumber(left)), right),
            _ => (left, right),
        };
    }
}
