using System.Globalization;

namespace Aegis.Core.Policy.Shell;

/// <summary><c>$'…'</c>: letters written by escapes, which must be judged as what they become.</summary>
internal static class EscapedText
{
    /// <summary>From the opening quote up to and over the closing one.</summary>
    public static void Read(ShellCursor cursor, WordText word)
    {
        var at = cursor.At;
        cursor.At++;
        while (!cursor.AtEnd && cursor.Here != '\'')
        {
            if (cursor.Here != '\\')
            {
                word.Put(cursor.Here);
                cursor.At++;
                continue;
            }
            cursor.At++;
            if (!cursor.AtEnd)
            {
                ReadEscape(cursor, word);
            }
        }
        if (!cursor.Take("'"))
        {
            cursor.Fail("AEGIS1131", "a quote is not closed", "'", "the end", at: at);
        }
    }

    private static void ReadEscape(ShellCursor cursor, WordText word)
    {
        var c = cursor.Here;
        cursor.At++;
        int? code = c switch
        {
            'a' => 7, 'b' => 8, 'e' or 'E' => 27, 'f' => 12, 'n' => 10, 'r' => 13, 't' => 9, 'v' => 11,
            '\\' or '\'' or '"' or '?' => c,
            'x' => Number(cursor, 2),
            'u' => Number(cursor, 4),
            'U' => Number(cursor, 8),
            >= '0' and <= '7' => Octal(cursor),
            _ => null,
        };
        if (code is > 0 and < 128)
        {
            word.Put((char)code);
        }
        else
        {
            // bytes that make no letter alone, the end of the text, unknown escapes: not judged, so unknown
            word.PutOpen("\\" + c, splits: false);
        }
    }

    private static int Octal(ShellCursor cursor)
    {
        cursor.At--;
        var start = cursor.At;
        while (cursor.At - start < 3 && cursor.Here is >= '0' and <= '7')
        {
            cursor.At++;
        }
        return Convert.ToInt32(cursor.Text[start..cursor.At], 8) & 0xff;
    }

    private static int? Number(ShellCursor cursor, int digitsMax)
    {
        var start = cursor.At;
        while (cursor.At - start < digitsMax && char.IsAsciiHexDigit(cursor.Here))
        {
            cursor.At++;
        }
        return int.TryParse(cursor.Text.AsSpan(start, cursor.At - start), NumberStyles.HexNumber,
            CultureInfo.InvariantCulture, out var value) ? value : null;
    }
}
