using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Aegis.Core.Expressions;

/// <summary>Upper and lower case as GitHub's library has them, which is JavaScript's: whole Unicode, so that
/// one letter may become several (<c>ß</c> is <c>SS</c>). .NET maps letter by letter; what it lacks is in the
/// table here. A test asks node about every code point.</summary>
internal static class LetterCase
{
    private const char DotlessI = '\u0131';
    private const char CapitalDottedI = '\u0130';
    private const char CapitalSigma = '\u03a3';
    private const char FinalSigma = '\u03c2';

    // each entry is a letter and its upper case
    private const string UpperTable =
          "\u00dfSS \u0149\u02bcN \u017fS \u01f0J\u030c \u0390\u0399\u0308\u0301 "
        + "\u03b0\u03a5\u0308\u0301 \u0587\u0535\u0552 \u1e96H\u0331 \u1e97T\u0308 \u1e98W\u030a "
        + "\u1e99Y\u030a \u1e9aA\u02be \u1f50\u03a5\u0313 \u1f52\u03a5\u0313\u0300 "
        + "\u1f54\u03a5\u0313\u0301 \u1f56\u03a5\u0313\u0342 \u1f80\u1f08\u0399 \u1f81\u1f09\u0399 "
        + "\u1f82\u1f0a\u0399 \u1f83\u1f0b\u0399 \u1f84\u1f0c\u0399 \u1f85\u1f0d\u0399 "
        + "\u1f86\u1f0e\u0399 \u1f87\u1f0f\u0399 \u1f88\u1f08\u0399 \u1f89\u1f09\u0399 "
        + "\u1f8a\u1f0a\u0399 \u1f8b\u1f0b\u0399 \u1f8c\u1f0c\u0399 \u1f8d\u1f0d\u0399 "
        + "\u1f8e\u1f0e\u0399 \u1f8f\u1f0f\u0399 \u1f90\u1f28\u0399 \u1f91\u1f29\u0399 "
        + "\u1f92\u1f2a\u0399 \u1f93\u1f2b\u0399 \u1f94\u1f2c\u0399 \u1f95\u1f2d\u0399 "
        + "\u1f96\u1f2e\u0399 \u1f97\u1f2f\u0399 \u1f98\u1f28\u0399 \u1f99\u1f29\u0399 "
        + "\u1f9a\u1f2a\u0399 \u1f9b\u1f2b\u0399 \u1f9c\u1f2c\u0399 \u1f9d\u1f2d\u0399 "
        + "\u1f9e\u1f2e\u0399 \u1f9f\u1f2f\u0399 \u1fa0\u1f68\u0399 \u1fa1\u1f69\u0399 "
        + "\u1fa2\u1f6a\u0399 \u1fa3\u1f6b\u0399 \u1fa4\u1f6c\u0399 \u1fa5\u1f6d\u0399 "
        + "\u1fa6\u1f6e\u0399 \u1fa7\u1f6f\u0399 \u1fa8\u1f68\u0399 \u1fa9\u1f69\u0399 "
        + "\u1faa\u1f6a\u0399 \u1fab\u1f6b\u0399 \u1fac\u1f6c\u0399 \u1fad\u1f6d\u0399 "
        + "\u1fae\u1f6e\u0399 \u1faf\u1f6f\u0399 \u1fb2\u1fba\u0399 \u1fb3\u0391\u0399 "
        + "\u1fb4\u0386\u0399 \u1fb6\u0391\u0342 \u1fb7\u0391\u0342\u0399 \u1fbc\u0391\u0399 "
        + "\u1fc2\u1fca\u0399 \u1fc3\u0397\u0399 \u1fc4\u0389\u0399 \u1fc6\u0397\u0342 "
        + "\u1fc7\u0397\u0342\u0399 \u1fcc\u0397\u0399 \u1fd2\u0399\u0308\u0300 "
        + "\u1fd3\u0399\u0308\u0301 \u1fd6\u0399\u0342 \u1fd7\u0399\u0308\u0342 "
        + "\u1fe2\u03a5\u0308\u0300 \u1fe3\u03a5\u0308\u0301 \u1fe4\u03a1\u0313 \u1fe6\u03a5\u0342 "
        + "\u1fe7\u03a5\u0308\u0342 \u1ff2\u1ffa\u0399 \u1ff3\u03a9\u0399 \u1ff4\u038f\u0399 "
        + "\u1ff6\u03a9\u0342 \u1ff7\u03a9\u0342\u0399 \u1ffc\u03a9\u0399 \ufb00FF \ufb01FI "
        + "\ufb02FL \ufb03FFI \ufb04FFL \ufb05ST \ufb06ST \ufb13\u0544\u0546 \ufb14\u0544\u0535 "
        + "\ufb15\u0544\u053b \ufb16\u054e\u0546 \ufb17\u0544\u053d";

    private static readonly FrozenDictionary<char, string> UpperOf =
        UpperTable.Split(' ').ToFrozenDictionary(entry => entry[0], entry => entry[1..]);

    /// <summary>Upper case, but for the dotless i, which stays: GitHub's library makes that
    /// exception.</summary>
    public static string Upper(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text.ToUpperInvariant();
        }
        var upper = new StringBuilder(text.Length);
        foreach (var c in text.EnumerateRunes())
        {
            if (c.IsBmp && UpperOf.TryGetValue((char)c.Value, out var several))
            {
                upper.Append(several);
            }
            else
            {
                Append(upper, c.Value == DotlessI ? c : Rune.ToUpperInvariant(c));
            }
        }
        return upper.ToString();
    }

    public static string Lower(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text.ToLowerInvariant();
        }
        var lower = new StringBuilder(text.Length);
        var runes = text.EnumerateRunes().ToArray();
        for (var i = 0; i < runes.Length; i++)
        {
            switch (runes[i].Value)
            {
                case CapitalDottedI:
                    lower.Append("i\u0307");
                    break;
                case CapitalSigma when EndsWord(runes, i):
                    lower.Append(FinalSigma);
                    break;
                default:
                    Append(lower, Rune.ToLowerInvariant(runes[i]));
                    break;
            }
        }
        return lower.ToString();
    }

    /// <summary>Equal by their upper case, as <c>==</c> asks.</summary>
    public static bool AreEqual(string left, string right) =>
        Ascii.IsValid(left) && Ascii.IsValid(right)
            ? string.Equals(left, right, StringComparison.OrdinalIgnoreCase)
            : Upper(left) == Upper(right);

    /// <summary>Equal by their lower case, as names of members are.</summary>
    public static bool AreSameName(string left, string right) =>
        Ascii.IsValid(left) && Ascii.IsValid(right)
            ? string.Equals(left, right, StringComparison.OrdinalIgnoreCase)
            : Lower(left) == Lower(right);

    private static void Append(StringBuilder text, Rune rune)
    {
        Span<char> units = stackalloc char[2];
        text.Append(units[..rune.EncodeToUtf16(units)]);
    }

    // Unicode's Final_Sigma: a letter with case stands before it and none after it, whatever marks and
    // apostrophes stand between
    private static bool EndsWord(Rune[] runes, int at) =>
        NextIsCased(runes, at, -1) && !NextIsCased(runes, at, 1);

    private static bool NextIsCased(Rune[] runes, int at, int step)
    {
        for (var i = at + step; i >= 0 && i < runes.Length; i += step)
        {
            if (!IsIgnorable(runes[i]))
            {
                return IsCased(runes[i]);
            }
        }
        return false;
    }

    private static bool IsIgnorable(Rune rune) => Rune.GetUnicodeCategory(rune) is
            UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format
            or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol
        || rune.Value is '\'' or '.' or ':' or 0xb7 or 0x387 or 0x55f or 0x5f4 or 0x2018 or 0x2019 or 0x2024
            or 0x2027 or 0xfe13 or 0xfe52 or 0xfe55 or 0xff07 or 0xff0e or 0xff1a;

    private static bool IsCased(Rune rune) => Rune.GetUnicodeCategory(rune) is
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter
            or UnicodeCategory.TitlecaseLetter
        || rune.Value is 0xaa or 0xba or (>= 0x2160 and <= 0x217f) or (>= 0x24b6 and <= 0x24e9)
            or (>= 0x1f130 and <= 0x1f149) or (>= 0x1f150 and <= 0x1f169) or (>= 0x1f170 and <= 0x1f189);
}
