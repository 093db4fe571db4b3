using System.Text;
using Aegis.Core.Errors;

namespace Aegis.Core.Policy;

/// <summary>Reads one word up to an unquoted blank or operator.</summary>
internal sealed class WordReader(string line, int start, int end)
{
    private readonly StringBuilder text = new();
    private int globs;

    public string Text => text.ToString();

    public bool IsQuoted { get; private set; }

    // a single [ opens a pattern only where a ] follows; alone it is the program of that name
    public bool HasGlob { get; private set; }

    public bool FirstIsGlob { get; private set; }

    public bool HasBracket { get; private set; }

    public AegisError? Error { get; private set; }

    /// <summary>The offset behind the word.</summary>
    public int Read()
    {
        var at = start;
        while (Error is null && at < end && line[at] is not (' ' or '\t' or ';' or '|'))
        {
            at = line[at] switch
            {
                '\'' => ReadSingle(at),
                '"' => ReadDouble(at),
                '\\' => ReadEscape(at),
                _ => ReadPlain(at),
            };
        }
        HasGlob = globs > 0;
        return at;
    }

    private int ReadPlain(int at)
    {
        var c = line[at];
        if (c == '&' && at + 1 < end && line[at + 1] == '&')
        {
            // the caller sees && only between words
            end = at;
            return at;
        }
        if (WhyRefused(at) is { } why)
        {
            return Refuse(at, why.What, why.Mend);
        }
        if (c is '*' or '?' || (c == ']' && HasBracket))
        {
            globs++;
            FirstIsGlob |= text.Length == 0 || (HasBracket && c == ']' && text[0] == '[');
        }
        HasBracket |= c == '[';
        text.Append(c);
        return at + 1;
    }

    private (string What, string? Mend)? WhyRefused(int at) => line[at] switch
    {
        '$' => ("a variable or substitution",
            "quote it with ' where it is meant literally; pass values by env"),
        '`' => ("a command substitution", "run that command in a step of its own"),
        '<' or '>' => ("a redirection", "let the program write the file, or use file.write"),
        '&' => ("a background command", "&& runs one command after another"),
        '(' or ')' => ("a subshell or function", "quote it where it is meant literally"),
        '{' or '}' => ("a brace expansion or group", "quote it where it is meant literally"),
        '\n' => ("a line break", "join the commands with &&"),
        '#' when text.Length == 0 && !IsQuoted => ("a comment", "quote it where it is meant literally"),
        '~' when at == start || (text.Length > 0 && text[^1] is '=' or ':') =>
            ("a home folder", "write the path out"),
        < ' ' or '\u007f' => ("a control character", null),
        _ => null,
    };

    private int ReadSingle(int at)
    {
        IsQuoted = true;
        var close = line.IndexOf('\'', at + 1, end - at - 1);
        if (close < 0)
        {
            return Unclosed(at, "'");
        }
        for (var i = at + 1; i < close; i++)
        {
            if (!Take(i))
            {
                return close;
            }
        }
        return close + 1;
    }

    private int ReadDouble(int at)
    {
        IsQuoted = true;
        for (var i = at + 1; i < end; i++)
        {
            switch (line[i])
            {
                case '"':
                    return i + 1;
                case '$':
                    return Refuse(i, "a variable or substitution inside double quotes",
                        "write \\$, or use single quotes, where it is meant literally");
                case '`':
                    return Refuse(i, "a command substitution inside double quotes",
                        "write \\`, or use single quotes, where it is meant literally");
                case '\\' when i + 1 < end && line[i + 1] == '\n':
                    return Refuse(i, "a joined line", "write it on one line");
                case '\\' when i + 1 < end && line[i + 1] is '$' or '`' or '"' or '\\':
                    i++;
                    break;
            }
            if (!Take(i))
            {
                return i;
            }
        }
        return Unclosed(at, "\"");
    }

    private int ReadEscape(int at)
    {
        IsQuoted = true;
        if (at + 1 >= end || line[at + 1] == '\n')
        {
            return Refuse(at, at + 1 >= end ? "a backslash at the end" : "a joined line",
                "write it on one line");
        }
        return Take(at + 1) ? at + 2 : at;
    }

    private bool Take(int at)
    {
        if ((line[at] < ' ' && line[at] is not ('\t' or '\n')) || line[at] == '\u007f')
        {
            Refuse(at, "a control character", null);
            return false;
        }
        text.Append(line[at]);
        return true;
    }

    private int Unclosed(int at, string quote)
    {
        Error = new AegisError("AEGIS1131", $"a quote is not closed (column {at + 1})", quote, "the end");
        return end;
    }

    private int Refuse(int at, string what, string? mend)
    {
        var shown = line[at] < ' ' || line[at] == '\u007f' ? $"U+{(int)line[at]:X4}" : line[at].ToString();
        Error = new AegisError("AEGIS1130", $"the command line holds {what} (column {at + 1})",
            "words, quotes, &&, ||, ; and |", shown, mend);
        return end;
    }
}
