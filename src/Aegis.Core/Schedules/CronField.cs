using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Core.Schedules;

/// <summary>One field of a cron line: the set of its values as bits, and whether it began with <c>*</c>,
/// which decides how the two day fields meet and what a change of the clock does.</summary>
internal readonly record struct CronField(ulong Bits, bool IsStar)
{
    public bool Holds(int value) => (Bits >> value & 1) != 0;

    /// <summary>The smallest member that is at least <paramref name="from"/>, or -1.</summary>
    public int From(int from)
    {
        var rest = from > 63 ? 0 : Bits >> from << from;
        return rest == 0 ? -1 : System.Numerics.BitOperations.TrailingZeroCount(rest);
    }

    public static (CronField Field, AegisError? Error) Parse(string text, CronFieldKind kind)
    {
        ulong bits = 0;
        foreach (var part in text.Split(','))
        {
            if (Part(part, kind) is not { } some)
            {
                return (default, new AegisError("AEGIS1152", $"the {kind.Name} of the cron line is wrong",
                    kind.Expected, part.Length == 0 ? "nothing between two commas" : part,
                    part.AsSpan().IndexOfAny("LW#?") >= 0 && kind.Names.IsEmpty
                        ? "L, W, # and ? are not part of a five-field line"
                        : null));
            }
            bits |= some;
        }
        return (new CronField(bits, text[0] == '*'), null);
    }

    // *, a, a-b, each with /step; a/step goes on to the end of the field
    private static ulong? Part(string text, CronFieldKind kind)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var range = slash < 0 ? text : text[..slash];
        var step = 1;
        if (slash >= 0 && (!Number(text[(slash + 1)..], out step) || step < 1 || step > kind.Max))
        {
            return null;
        }
        int from, to;
        if (range == "*")
        {
            (from, to) = (kind.Min, kind.Last);
        }
        else if (range.IndexOf('-', StringComparison.Ordinal) is var dash and > 0)
        {
            if (!kind.Read(range[..dash], out from) || !kind.Read(range[(dash + 1)..], out to) || from > to)
            {
                return null;
            }
        }
        else if (kind.Read(range, out from))
        {
            to = slash < 0 ? from : kind.Last;
        }
        else
        {
            return null;
        }
        ulong bits = 0;
        for (var value = from; value <= to; value += step)
        {
            bits |= 1UL << (kind.Wraps ? value % 7 : value);
        }
        return bits;
    }

    internal static bool Number(string text, out int value) =>
        int.TryParse(text, System.Globalization.NumberStyles.None,
            System.Globalization.CultureInfo.InvariantCulture, out value);
}

/// <summary>What a field may hold. <c>Wraps</c>: 7 is Sunday, as 0 is.</summary>
internal sealed record CronFieldKind(string Name, int Min, int Max, ImmutableArray<string> Names,
    bool Wraps = false)
{
    public static ImmutableArray<CronFieldKind> All { get; } =
    [
        new("minute", 0, 59, []),
        new("hour", 0, 23, []),
        new("day of the month", 1, 31, []),
        new("month", 1, 12,
            ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]),
        new("day of the week", 0, 7, ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"], Wraps: true),
    ];

    /// <summary>Where <c>*</c> and <c>a/step</c> end: a week has no second Sunday there.</summary>
    public int Last => Wraps ? Max - 1 : Max;

    public string Expected => $"{Min} to {Max}{(Names.IsEmpty ? "" : $" or {Names[0]} to {Names[^1]}")}, "
        + "with *, a-b, */n and commas";

    public bool Read(string text, out int value)
    {
        var named = -1;
        for (var i = 0; i < Names.Length; i++)
        {
            if (string.Equals(Names[i], text, StringComparison.OrdinalIgnoreCase))
            {
                named = i;
            }
        }
        if (named >= 0)
        {
            value = named + Min;
            return true;
        }
        return CronField.Number(text, out value) && value >= Min && value <= Max;
    }
}
