using System.Globalization;

namespace Aegis.Core.Plans;

/// <summary>Durations of the workflow language: a bare number is milliseconds; <c>15m</c>, <c>2h30m</c>,
/// <c>1.5s</c>, <c>500ms</c>, <c>1d</c> are accepted everywhere. Zero to 366 days.</summary>
public static class Duration
{
    public static TimeSpan Max { get; } = TimeSpan.FromDays(366);

    public static bool TryParse(string text, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        // double.TryParse also knows the words NaN and Infinity
        if (text.Length > 0 && !char.IsAsciiDigit(text[0]) && text[0] != '.')
        {
            return false;
        }
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var bare))
        {
            return Add(ref value, bare);
        }
        var at = 0;
        while (at < text.Length)
        {
            var start = at;
            while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.'))
            {
                at++;
            }
            if (!double.TryParse(text.AsSpan(start, at - start), NumberStyles.AllowDecimalPoint,
                    CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }
            var unit = at;
            while (at < text.Length && char.IsAsciiLetter(text[at]))
            {
                at++;
            }
            var factor = text[unit..at] switch
            {
                "ms" => 1d,
                "s" => 1_000,
                "m" => 60_000,
                "h" => 3_600_000,
                "d" => 86_400_000,
                _ => -1,
            };
            if (factor < 0 || !Add(ref value, number * factor))
            {
                return false;
            }
        }
        return text.Length > 0;
    }

    private static bool Add(ref TimeSpan value, double milliseconds)
    {
        if (milliseconds < 0 || milliseconds > Max.TotalMilliseconds)
        {
            return false;
        }
        value += TimeSpan.FromMilliseconds(milliseconds);
        return value <= Max;
    }
}
