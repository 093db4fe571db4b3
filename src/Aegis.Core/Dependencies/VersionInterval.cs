namespace Aegis.Core.Dependencies;

/// <summary>The versions that a range means, as one stretch: of several alternatives (<c>||</c>) the stretch
/// over all of them, so that it never means less than is written.</summary>
public sealed class VersionInterval
{
    private readonly VersionNumber? low;
    private readonly VersionNumber? high;
    private readonly bool lowIn;
    private readonly bool highIn;

    private VersionInterval(VersionNumber? low, bool lowIn, VersionNumber? high, bool highIn) =>
        (this.low, this.lowIn, this.high, this.highIn) = (low, lowIn, high, highIn);

    public static VersionInterval All { get; } = new(null, true, null, true);

    /// <summary>Null for what is no range: an address, a tag, a path.</summary>
    /// <param name="ecosystem">Says what a bare version means.</param>
    public static VersionInterval? Read(string text, string ecosystem)
    {
        VersionInterval? over = null;
        foreach (var choice in text.Split("||"))
        {
            if (ReadOne(choice, ecosystem) is not { } one)
            {
                return null;
            }
            over = over is null ? one : over.Over(one);
        }
        return over;
    }

    /// <summary>Whether a version may be in both.</summary>
    public bool Meets(VersionInterval other) => Below(low, lowIn, other.high, other.highIn)
        && Below(other.low, other.lowIn, high, highIn);

    private static VersionInterval? ReadOne(string text, string ecosystem)
    {
        var all = All;
        var isFirst = true;
        // «>= 1.0» is one word, and so is the interval of NuGet
        foreach (var word in Words(text))
        {
            if (Comparator(word, ecosystem) is not { } one)
            {
                return null;
            }
            all = isFirst ? one : all.Within(one);
            isFirst = false;
        }
        return isFirst ? text.Trim().Length == 0 ? All : null : all;
    }

    private static IEnumerable<string> Words(string text)
    {
        var trimmed = text.Trim();
        if (trimmed.StartsWith('[') || trimmed.StartsWith('('))
        {
            return [trimmed];
        }
        var words = new List<string>();
        foreach (var word in trimmed.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries))
        {
            if (words.Count > 0 && words[^1].All(c => "<>=~^!".Contains(c, StringComparison.Ordinal)))
            {
                words[^1] += word;
            }
            else
            {
                words.Add(word);
            }
        }
        return words;
    }

    private static VersionInterval? Comparator(string word, string ecosystem)
    {
        if (word[0] is '[' or '(')
        {
            return Bracketed(word);
        }
        if (word == "*")
        {
            return All;
        }
        var operators = new string([.. word.TakeWhile(c => "<>=~^!".Contains(c, StringComparison.Ordinal))]);
        if (VersionNumber.Read(word[operators.Length..], out var isWild) is not { } version)
        {
            return null;
        }
        var parts = version.Parts.Length;
        return operators switch
        {
            ">=" => new(version, true, null, true),
            ">" => new(version, false, null, true),
            "<=" => new(null, true, version, true),
            "<" => new(null, true, version, false),
            "^" => Caret(version),
            "~" => new(version, true, version.Next(Math.Min(parts, 2)), false),
            "~=" => new(version, true, version.Next(parts - 1), false),
            "!=" => All,
            "" when isWild => new(version, true, version.Next(parts), false),
            "==" when isWild => new(version, true, version.Next(parts), false),
            "" when ecosystem == PackageName.Cargo => Caret(version),
            "" when ecosystem == PackageName.Nuget => new(version, true, null, true),
            "" or "=" or "==" or "===" => new(version, true, version, true),
            _ => null,
        };
    }

    // up to the next number after the first that is not zero
    private static VersionInterval Caret(VersionNumber version)
    {
        var kept = 1;
        while (kept < version.Parts.Length && version.At(kept - 1) == 0)
        {
            kept++;
        }
        return new(version, true, version.Next(kept), false);
    }

    private static VersionInterval? Bracketed(string word)
    {
        if (word.Length < 3 || word[^1] is not (']' or ')'))
        {
            return null;
        }
        var ends = word[1..^1].Split(',');
        var low = VersionNumber.Read(ends[0].Trim(), out _);
        var high = ends.Length == 1 ? low : VersionNumber.Read(ends[^1].Trim(), out _);
        return ends.Length > 2 || (low is null && high is null) ? null
            : new(low, word[0] == '[', high, word[^1] == ']');
    }

    private static bool Below(VersionNumber? low, bool lowIn, VersionNumber? high, bool highIn) =>
        low is not { } from || high is not { } to || from.CompareTo(to) switch
        {
            < 0 => true,
            0 => lowIn && highIn,
            _ => false,
        };

    private VersionInterval Within(VersionInterval other)
    {
        var byLow = Order(low, other.low, -1);
        var byHigh = Order(high, other.high, 1);
        var (from, fromIn) = byLow > 0 ? (low, lowIn) : byLow < 0 ? (other.low, other.lowIn)
            : (low, lowIn && other.lowIn);
        var (to, toIn) = byHigh < 0 ? (high, highIn) : byHigh > 0 ? (other.high, other.highIn)
            : (high, highIn && other.highIn);
        return new(from, fromIn, to, toIn);
    }

    private VersionInterval Over(VersionInterval other)
    {
        var byLow = Order(low, other.low, -1);
        var byHigh = Order(high, other.high, 1);
        var (from, fromIn) = byLow < 0 ? (low, lowIn) : byLow > 0 ? (other.low, other.lowIn)
            : (low, lowIn || other.lowIn);
        var (to, toIn) = byHigh > 0 ? (high, highIn) : byHigh < 0 ? (other.high, other.highIn)
            : (high, highIn || other.highIn);
        return new(from, fromIn, to, toIn);
    }

    /// <param name="none">Where a missing end stands: below all, or above.</param>
    private static int Order(VersionNumber? a, VersionNumber? b, int none) => (a, b) switch
    {
        (null, null) => 0,
        (null, _) => none,
        (_, null) => -none,
        ({ } x, { } y) => x.CompareTo(y),
    };
}
