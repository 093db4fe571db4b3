using System.Globalization;

namespace Aegis.Core.Expressions;

/// <summary>Numbers as GitHub's library reads and writes them, which is JavaScript's way.</summary>
internal static class NumberText
{
    // from here on neighbouring doubles are further apart than the fifteenth decimal, so rounding to it
    // finds the same number again
    private const double RoundedBelow = 8;

    private const NumberStyles Decimal = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint
        | NumberStyles.AllowExponent;

    /// <summary>Decimal, <c>0x</c>, <c>0o</c>, <c>0b</c>, <c>Infinity</c>. The empty string is 0; what is no
    /// number is NaN.</summary>
    public static double Parse(string text)
    {
        var trimmed = Trim(text);
        if (trimmed.IsEmpty)
        {
            return 0;
        }
        if (trimmed.Length > 2 && trimmed[0] == '0' && BitsOf(trimmed[1]) is var bits and > 0)
        {
            return ParseRadix(trimmed[2..], bits);
        }
        if (IsDecimal(trimmed))
        {
            return double.Parse(trimmed, Decimal, CultureInfo.InvariantCulture);
        }
        return trimmed switch
        {
            "Infinity" or "+Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            _ => double.NaN,
        };
    }

    /// <summary>As text: rounded to fifteen decimals.</summary>
    public static string Shown(double number) =>
        Shortest(Math.Abs(number) < RoundedBelow && number != Math.Floor(number) ? Rounded(number) : number);

    // exact, and a tie goes away from zero, as ECMAScript's toFixed has it; .NET's own format rounds it to
    // even
    private static double Rounded(double number)
    {
        const ulong scale = 1_000_000_000_000_000;
        var bits = BitConverter.DoubleToUInt64Bits(Math.Abs(number));
        var (exponent, fraction) = ((int)(bits >> 52), bits & ((1UL << 52) - 1));
        var mantissa = exponent == 0 ? fraction : fraction | (1UL << 52);
        var shift = 1075 - Math.Max(exponent, 1);
        // below 2^103, so what is shifted further than that is less than half
        var scaled = (UInt128)mantissa * scale;
        var rounded = shift > 104 ? 0 : (ulong)((scaled + (UInt128.One << (shift - 1))) >> shift);
        return Math.CopySign(rounded / (double)scale, number);
    }

    /// <summary>The fewest digits that read back as the same number, laid out as ECMAScript's
    /// Number::toString has it; JSON has numbers in this form.</summary>
    public static string Shortest(double number)
    {
        if (!double.IsFinite(number))
        {
            return double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
        }
        if (number == Math.Floor(number) && Math.Abs(number) < 1e15)
        {
            return ((long)number).ToString(CultureInfo.InvariantCulture);
        }
        var (digits, point) = Digits(Math.Abs(number).ToString("R", CultureInfo.InvariantCulture));
        return (number < 0 ? "-" : "") + Layout(digits, point);
    }

    /// <summary>The significant digits, and where the decimal point stands among them.</summary>
    private static (string Digits, int Point) Digits(string text)
    {
        var exponentAt = text.IndexOf('E', StringComparison.Ordinal);
        var mantissa = exponentAt < 0 ? text : text[..exponentAt];
        var exponent = exponentAt < 0
            ? 0
            : int.Parse(text.AsSpan(exponentAt + 1), NumberStyles.AllowLeadingSign,
                CultureInfo.InvariantCulture);
        var dot = mantissa.IndexOf('.', StringComparison.Ordinal);
        var whole = dot < 0 ? mantissa : mantissa[..dot];
        var all = whole + (dot < 0 ? "" : mantissa[(dot + 1)..]);
        var digits = all.TrimStart('0');
        return (digits.TrimEnd('0'), whole.Length + exponent - (all.Length - digits.Length));
    }

    private static string Layout(string digits, int point)
    {
        if (point is > -6 and <= 0)
        {
            return "0." + new string('0', -point) + digits;
        }
        if (point is > 0 and <= 21)
        {
            return digits.Length <= point
                ? digits + new string('0', point - digits.Length)
                : $"{digits[..point]}.{digits[point..]}";
        }
        var fraction = digits.Length > 1 ? "." + digits[1..] : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"{digits[0]}{fraction}e{(point > 0 ? "+" : "")}{point - 1}");
    }

    private static ReadOnlySpan<char> Trim(string text)
    {
        var (from, to) = (0, text.Length);
        while (from < to && Lexer.IsSpace(text[from]))
        {
            from++;
        }
        while (to > from && Lexer.IsSpace(text[to - 1]))
        {
            to--;
        }
        return text.AsSpan(from, to - from);
    }

    private static int BitsOf(char radix) => radix switch
    {
        'x' or 'X' => 4,
        'o' or 'O' => 3,
        'b' or 'B' => 1,
        _ => 0,
    };

    // keeps the first 61 bits and more, and whether anything followed them: then one rounding is exact
    private static double ParseRadix(ReadOnlySpan<char> digits, int bits)
    {
        ulong mantissa = 0;
        var (dropped, rest) = (0, 0UL);
        foreach (var c in digits)
        {
            if (!char.IsAsciiHexDigit(c) || HexValue(c) >= 1UL << bits)
            {
                return double.NaN;
            }
            if (mantissa >> 60 == 0)
            {
                mantissa = (mantissa << bits) | HexValue(c);
            }
            else
            {
                dropped += bits;
                rest |= HexValue(c);
            }
        }
        return Math.ScaleB(mantissa | (rest == 0 ? 0UL : 1UL), dropped);
    }

    private static ulong HexValue(char c) => (ulong)(char.IsAsciiDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10);

    private static bool IsDecimal(ReadOnlySpan<char> text)
    {
        var at = text[0] is '+' or '-' ? 1 : 0;
        var whole = DigitsAt(text, at);
        at += whole;
        var fraction = 0;
        if (at < text.Length && text[at] == '.')
        {
            fraction = DigitsAt(text, at + 1);
            at += 1 + fraction;
        }
        if (whole + fraction == 0)
        {
            return false;
        }
        if (at < text.Length && text[at] is 'e' or 'E')
        {
            at += at + 1 < text.Length && text[at + 1] is '+' or '-' ? 2 : 1;
            var exponent = DigitsAt(text, at);
            return exponent > 0 && at + exponent == text.Length;
        }
        return at == text.Length;
    }

    private static int DigitsAt(ReadOnlySpan<char> text, int from)
    {
        var end = from;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }
        return end - from;
    }
}
