using System.Globalization;

namespace Aegis.Core.Expressions;

/// <summary>How GitHub's runner turns values of one kind into another and compares them. Where its C# runner
/// and its TypeScript library disagree (digits of a number), the runner counts: that is what people
/// see.</summary>
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
        ExpressionValue.StringValue s => ParseNumber(s.Value),
        _ => double.NaN,
    };

    /// <summary>Fifteen significant digits for a number; <c>Array</c> and <c>Object</c> for those.</summary>
    public static string ToText(ExpressionValue value) => value switch
    {
        ExpressionValue.NullValue => "",
        ExpressionValue.BooleanValue b => b.Value ? "true" : "false",
        ExpressionValue.NumberValue n => ToText(n.Value),
        ExpressionValue.StringValue s => s.Value,
        ExpressionValue.ArrayValue => "Array",
        _ => "Object",
    };

    internal static string ToText(double number) =>
        number == 0 ? "0" : number.ToString("G15", CultureInfo.InvariantCulture);

    /// <summary>The empty string is 0; what is no number is NaN.</summary>
    public static double ParseNumber(string text)
    {
        var trimmed = text.AsSpan().Trim();
        if (trimmed.IsEmpty)
        {
            return 0;
        }
        const NumberStyles Decimal = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint
            | NumberStyles.AllowExponent;
        var last = trimmed[^1];
        if ((char.IsAsciiDigit(last) || last == '.')
            && double.TryParse(trimmed, Decimal, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }
        if (trimmed.Length > 2 && trimmed[0] == '0' && trimmed[1] is 'x' or 'o')
        {
            return ParseRadix(trimmed[2..], trimmed[1] == 'x' ? 16 : 8);
        }
        return trimmed switch
        {
            "Infinity" or "+Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            _ => double.NaN,
        };
    }

    // like the runner's: at most 32 bits, read as a signed integer
    private static double ParseRadix(ReadOnlySpan<char> digits, int radix)
    {
        ulong value = 0;
        foreach (var c in digits)
        {
            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : radix;
            if (digit >= radix)
            {
                return double.NaN;
            }
            value = value * (ulong)radix + (ulong)digit;
            if (value > uint.MaxValue)
            {
                return double.NaN;
            }
        }
        return (int)(uint)value;
    }

    public static bool AreEqual(ExpressionValue left, ExpressionValue right)
    {
        (left, right) = Align(left, right);
        return (left, right) switch
        {
            (ExpressionValue.NullValue, ExpressionValue.NullValue) => true,
            (ExpressionValue.NumberValue l, ExpressionValue.NumberValue r) => l.Value == r.Value,
            (ExpressionValue.StringValue l, ExpressionValue.StringValue r) =>
                string.Equals(l.Value, r.Value, StringComparison.OrdinalIgnoreCase),
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
                string.Compare(l.Value, r.Value, StringComparison.OrdinalIgnoreCase) > 0,
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
