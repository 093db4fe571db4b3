using System.Collections.Immutable;

namespace Aegis.Core.Intents;

/// <summary>A word, the beginning of a word (<c>despleg*</c>), or up to three words (<c>*</c>).</summary>
public readonly record struct WordPattern(string Text, bool IsStem)
{
    /// <summary>Letters from which a word is found with one slip of the fingers.</summary>
    public const int SlipLettersMin = 5;

    public bool IsGap => IsStem && Text.Length == 0;

    public static WordPattern Of(string text) =>
        text.EndsWith('*') ? new(text[..^1], true) : new(text, false);

    public bool Matches(string word) => IsStem
        ? word.StartsWith(Text, StringComparison.Ordinal)
        : word == Text;

    /// <summary>Whether the word is meant, with at most one slip.</summary>
    public bool MeansNearly(string word)
    {
        if (Text.Length < SlipLettersMin || word.Length < Text.Length - 1 || word.Length > 40)
        {
            return false;
        }
        if (!IsStem)
        {
            return Math.Abs(word.Length - Text.Length) <= 1 && NearestName.Edits(Text, word) <= 1;
        }
        for (var length = Text.Length - 1; length <= Math.Min(word.Length, Text.Length + 1); length++)
        {
            // the first letter is rarely the wrong one, and guards what else would be near
            if (word[0] == Text[0] && NearestName.Edits(Text, word[..length]) <= 1)
            {
                return true;
            }
        }
        return false;
    }
}

/// <summary>Words that follow each other.</summary>
public sealed record PhrasePattern(ImmutableArray<WordPattern> Words)
{
    private const int GapWordsMax = 3;

    public static PhrasePattern Of(string text) =>
        new([.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(WordPattern.Of)]);

    /// <summary>How many words from <paramref name="at"/> on it takes; 0 where it does not stand
    /// there.</summary>
    /// <param name="maySlip">Whether a long word may have one slip.</param>
    public int LengthAt(ImmutableArray<string> words, int at, bool maySlip = true) =>
        LengthAt(words, at, 0, maySlip);

    /// <summary>How many words the longest of a list takes; 0 where none stands there.</summary>
    public static int LongestAt(ImmutableArray<PhrasePattern> list, ImmutableArray<string> words, int at,
        bool maySlip = true) => list.Max(p => p.LengthAt(words, at, maySlip));

    /// <summary>Where it stands first; null where it does not.</summary>
    public (int At, int Length)? Find(ImmutableArray<string> words)
    {
        for (var at = 0; at < words.Length; at++)
        {
            if (LengthAt(words, at) is > 0 and var length)
            {
                return (at, length);
            }
        }
        return null;
    }

    private int LengthAt(ImmutableArray<string> words, int at, int from, bool maySlip)
    {
        var start = at;
        for (var i = from; i < Words.Length; i++)
        {
            if (Words[i].IsGap)
            {
                for (var gap = 0; gap <= GapWordsMax && at + gap <= words.Length; gap++)
                {
                    if (i + 1 == Words.Length)
                    {
                        return at < words.Length ? at + 1 - start : 0;
                    }
                    if (LengthAt(words, at + gap, i + 1, maySlip) is > 0 and var rest)
                    {
                        return at + gap + rest - start;
                    }
                }
                return 0;
            }
            if (at >= words.Length || !(Words[i].Matches(words[at])
                || (maySlip && Words[i].MeansNearly(words[at]))))
            {
                return 0;
            }
            at++;
        }
        return at - start;
    }
}
