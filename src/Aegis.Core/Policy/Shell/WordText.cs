using System.Text;

namespace Aegis.Core.Policy.Shell;

/// <summary>A word while it is read.</summary>
internal sealed class WordText
{
    private readonly StringBuilder text = new();
    private WordOpening open;
    private bool hasGlob;
    private bool firstIsGlob;
    private bool hasBracket;

    public bool IsEmpty => text.Length == 0;

    public char Last => text.Length == 0 ? '\0' : text[^1];

    /// <summary>Text that means itself.</summary>
    public void Put(char c) => text.Append(c);

    public void Put(string literal) => text.Append(literal);

    /// <summary>A letter outside quotes, which may be a glob. A single <c>[</c> opens a pattern only where a
    /// <c>]</c> follows.</summary>
    public void PutPlain(char c)
    {
        if (c is '*' or '?' || (c == ']' && hasBracket))
        {
            hasGlob = true;
            firstIsGlob |= text.Length == 0 || (hasBracket && c == ']' && text[0] == '[');
        }
        hasBracket |= c == '[';
        text.Append(c);
    }

    /// <summary>What the shell puts in, shown as it was written.</summary>
    /// <param name="begins">It can decide what the word begins with, where nothing stands before it.</param>
    public void PutOpen(string source, bool splits, bool begins = true)
    {
        open |= WordOpening.Part | (splits ? WordOpening.Splits : 0)
            | (begins && text.Length == 0 ? WordOpening.AtStart : 0);
        text.Append(source);
    }

    public CommandWord Finish(int column) => new(text.ToString(), hasGlob, firstIsGlob, column, open);
}
