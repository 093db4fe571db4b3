using System.Globalization;

namespace Aegis.Core.Plans.Source;

/// <summary>Walks through a scalar as it is written, beside its value, to the place of one character of that
/// value: over folded lines, indentation, doubled quotes and escapes. Wherever the two disagree the walk
/// gives up, so it never names a wrong place.</summary>
internal sealed class ScalarWalk(string[] lines, ScalarNode scalar)
{
    private int row = scalar.Line - 1;
    private int column = scalar.Column - 1;
    private char quote;
    private int indent;

    /// <summary>Line and column from 1 of the value's character, or null.</summary>
    public (int Line, int Column)? To(int offset)
    {
        if (!Enter())
        {
            return null;
        }
        var at = 0;
        while (at < offset)
        {
            var step = Step(at);
            if (step == 0)
            {
                return null;
            }
            at += step;
        }
        if (at == offset && offset < scalar.Text.Length && AtLineEnd && !IsFold(scalar.Text[offset]))
        {
            NextContent();
        }
        return row < lines.Length ? (row + 1, column + 1) : null;
    }

    private bool AtLineEnd => column >= Line.Length
        || (scalar.Form is ScalarForm.Plain or ScalarForm.Quoted
            && Line.AsSpan(column).IndexOfAnyExcept(' ', '\t') < 0);

    private string Line => row < lines.Length ? lines[row] : "";

    private static bool IsFold(char c) => c is ' ' or '\n';

    private bool Enter()
    {
        // an anchor or a tag stands before the text
        while (column < Line.Length && Line[column] is '&' or '!')
        {
            var blank = Line.IndexOf(' ', column);
            if (blank < 0)
            {
                return false;
            }
            column = blank + Line.AsSpan(blank).IndexOfAnyExcept(' ');
        }
        switch (scalar.Form)
        {
            case ScalarForm.Quoted:
                quote = column < Line.Length ? Line[column++] : '\0';
                return quote is '\'' or '"';
            case ScalarForm.Literal or ScalarForm.Folded:
                return EnterBlock();
            default:
                return column < Line.Length;
        }
    }

    private bool EnterBlock()
    {
        if (column >= Line.Length || Line[column] is not ('|' or '>') || Line[(column + 1)..]
            .TakeWhile(c => c is not (' ' or '#')).Any(char.IsAsciiDigit))
        {
            return false;
        }
        var first = lines.Skip(row + 1).FirstOrDefault(l => l.Length > 0 && l.Any(c => c != ' '));
        if (first is null)
        {
            return false;
        }
        indent = first.AsSpan().IndexOfAnyExcept(' ');
        row++;
        column = indent;
        return true;
    }

    /// <summary>Passes what is written for the value from here on; how many characters of the value that
    /// was.</summary>
    private int Step(int at)
    {
        if (scalar.Form == ScalarForm.Literal)
        {
            return StepLiteral(at);
        }
        while (quote == '"' && column == Line.Length - 1 && Line[column] == '\\')
        {
            NextContent();
        }
        if (AtLineEnd)
        {
            return Fold(at);
        }
        if (quote == '"' && Line[column] == '\\')
        {
            return Escape(at);
        }
        if (Line[column] != scalar.Text[at])
        {
            return 0;
        }
        column += quote == '\'' && Line[column] == '\'' ? 2 : 1;
        return 1;
    }

    private int StepLiteral(int at)
    {
        if (scalar.Text[at] == '\n')
        {
            row++;
            column = indent;
            return 1;
        }
        return column < Line.Length && Line[column++] == scalar.Text[at] ? 1 : 0;
    }

    private int Fold(int at)
    {
        var folded = 1;
        if (scalar.Text[at] == '\n')
        {
            folded = scalar.Text.AsSpan(at).IndexOfAnyExcept('\n');
        }
        else if (scalar.Text[at] != ' ')
        {
            return 0;
        }
        NextContent();
        return Math.Max(folded, 0);
    }

    private void NextContent()
    {
        do
        {
            row++;
        }
        while (row < lines.Length && string.IsNullOrWhiteSpace(lines[row]));
        column = scalar.Form == ScalarForm.Folded ? indent
            : Math.Max(Line.AsSpan().IndexOfAnyExcept(' ', '\t'), 0);
    }

    private int Escape(int at)
    {
        var digits = Line[column + 1] switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        var written = digits == 0 ? 2 : digits + 2;
        var value = 1;
        if (digits > 0)
        {
            var hex = Line.AsSpan(column + 2, Math.Min(digits, Line.Length - column - 2));
            if (!int.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
                out var code))
            {
                return 0;
            }
            value = code > 0xFFFF ? 2 : 1;
            if (value == 1 && scalar.Text[at] != code)
            {
                return 0;
            }
        }
        column += written;
        return value;
    }
}
