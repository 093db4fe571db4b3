using System.Collections.Immutable;
using System.Globalization;

namespace Aegis.Core.Dependencies;

/// <summary>The numbers of a version. What comes before a release (<c>-beta.1</c>) counts as the release
/// itself.</summary>
internal readonly record struct VersionNumber(ImmutableArray<int> Parts) : IComparable<VersionNumber>
{
    private const int PartsMax = 6;

    /// <summary>Reads what the text begins with; a part that is <c>*</c> or <c>x</c> ends it.</summary>
    public static VersionNumber? Read(string text, out bool isWild)
    {
        isWild = false;
        var parts = ImmutableArray.CreateBuilder<int>();
        var plain = text.StartsWith('v') || text.StartsWith('V') ? text[1..] : text;
        plain = plain.Split('-', '+')[0];
        foreach (var part in plain.Split('.'))
        {
            if (part is "*" or "x" or "X")
            {
                isWild = true;
                break;
            }
            var digits = new string([.. part.TakeWhile(char.IsAsciiDigit)]);
            if (parts.Count == PartsMax || !int.TryParse(digits, NumberStyles.None,
                CultureInfo.InvariantCulture, out var number))
            {
                break;
            }
            parts.Add(number);
            if (digits.Length < part.Length)
            {
                break;
            }
        }
        return parts.Count == 0 ? null : new VersionNumber(parts.ToImmutable());
    }

    /// <summary>The first version that is beyond all that begin with the first <paramref name="kept"/> parts
    /// of this one.</summary>
    public VersionNumber Next(int kept) => kept <= 0 ? new VersionNumber([int.MaxValue])
        : new VersionNumber([.. Parts.Take(kept - 1), At(kept - 1) + 1]);

    public int At(int place) => place < Parts.Length ? Parts[place] : 0;

    public int CompareTo(VersionNumber other)
    {
        for (var i = 0; i < Math.Max(Parts.Length, other.Parts.Length); i++)
        {
            if (At(i).CompareTo(other.At(i)) is var order and not 0)
            {
                return order;
            }
        }
        return 0;
    }
}
