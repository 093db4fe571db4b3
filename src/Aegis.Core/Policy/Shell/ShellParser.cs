using Aegis.Core.Expressions;

namespace Aegis.Core.Policy.Shell;

/// <summary>The readers of one text, which call each other.</summary>
internal sealed class ShellParser
{
    public ShellParser(ShellCursor cursor)
    {
        Cursor = cursor;
        Words = new WordParser(this);
        Expansions = new ExpansionParser(this);
        Arithmetic = new ArithmeticParser(this);
        Conditions = new ConditionParser(this);
        Redirections = new RedirectionParser(this);
        Simple = new SimpleCommandParser(this);
        Compound = new CompoundParser(this);
        Lists = new ListParser(this);
    }

    public ShellCursor Cursor { get; }

    public WordParser Words { get; }

    public ExpansionParser Expansions { get; }

    public ArithmeticParser Arithmetic { get; }

    public ConditionParser Conditions { get; }

    public RedirectionParser Redirections { get; }

    public SimpleCommandParser Simple { get; }

    public CompoundParser Compound { get; }

    public ListParser Lists { get; }

    /// <summary>The whole text: at least one command, and nothing behind the last.</summary>
    public void ReadAll()
    {
        if (!WellFormedText.IsValid(Cursor.Text))
        {
            Cursor.Fail("AEGIS1130", "half of a surrogate pair is no text");
        }
        for (var i = 0; i < Cursor.Text.Length; i++)
        {
            if ((Cursor.Text[i] < ' ' && Cursor.Text[i] is not ('\t' or '\n')) || Cursor.Text[i] == '\u007f')
            {
                Cursor.Fail("AEGIS1130", "the command line holds a control character", "text",
                    $"U+{(int)Cursor.Text[i]:X4}", "leave it out, or write it as $'\\x..'", i);
            }
        }
        Lists.Read(CommandJoin.First);
        if (!Cursor.Failed && !Cursor.AtEnd)
        {
            Cursor.Unexpected("the end of the line, or an operator such as && between commands");
        }
        HereDocumentReader.ReadPending(Cursor);
    }
}
