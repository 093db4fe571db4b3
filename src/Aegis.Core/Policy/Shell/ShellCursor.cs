using System.Buffers;

namespace Aegis.Core.Policy.Shell;

/// <summary>A place in a line, or in the text of a substitution between backquotes.</summary>
/// <param name="origin">What is added to places of this text to say where they are on the line.</param>
internal sealed class ShellCursor(string text, ShellFindings findings, int origin = 0)
{
    /// <summary>What ends a word outside quotes.</summary>
    public static SearchValues<char> Breaking { get; } = SearchValues.Create(" \t\n;|&<>()");

    public string Text { get; } = text;

    public ShellFindings Findings { get; } = findings;

    public List<PendingHereDocument> HereDocuments { get; } = [];

    public int At { get; set; }

    public bool Failed => Findings.Error is not null;

    public bool AtEnd => At >= Text.Length;

    /// <summary>NUL at the end of the text.</summary>
    public char Here => Peek(0);

    public bool AtBreak => AtEnd || Breaking.Contains(Here);

    public char Peek(int ahead) => At + ahead < Text.Length ? Text[At + ahead] : '\0';

    public bool StartsWith(string what) => Text.AsSpan(At).StartsWith(what);

    public bool Take(string what)
    {
        if (!StartsWith(what))
        {
            return false;
        }
        At += what.Length;
        return true;
    }

    public int Place(int at) => origin + at;

    public int Place() => Place(At);

    /// <summary>Blanks, joined lines and a comment.</summary>
    public void SkipBlanks()
    {
        while (true)
        {
            if (Here is ' ' or '\t')
            {
                At++;
            }
            else if (Here == '\\' && Peek(1) == '\n')
            {
                At += 2;
            }
            else
            {
                break;
            }
        }
        if (Here == '#' && (At == 0 || Breaking.Contains(Text[At - 1])))
        {
            while (!AtEnd && Here != '\n')
            {
                At++;
            }
        }
    }

    /// <summary>Blanks, comments and line breaks, with the here-documents that begin behind one.</summary>
    public void SkipLines()
    {
        SkipBlanks();
        while (Here == '\n' && !Failed)
        {
            At++;
            HereDocumentReader.ReadPending(this);
            SkipBlanks();
        }
    }

    public bool IsNameStart => char.IsAsciiLetter(Here) || Here == '_';

    public string ReadName()
    {
        var start = At;
        while (char.IsAsciiLetterOrDigit(Here) || Here == '_')
        {
            At++;
        }
        return Text[start..At];
    }

    public string Shown => AtEnd ? "the end" : Here == '\n' ? "a line break" : Here.ToString();

    public void Fail(string code, string message, string? expected = null, string? got = null,
        string? mend = null, int? at = null) =>
        Findings.Fail(code, message, Place(at ?? At), expected, got, mend);

    public void Unexpected(string expected) =>
        Fail("AEGIS1133", AtEnd ? "the line ends too early" : "the line cannot be read here", expected,
            Shown);
}
