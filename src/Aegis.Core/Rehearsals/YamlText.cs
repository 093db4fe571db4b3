using System.Globalization;
using System.Text;

namespace Aegis.Core.Rehearsals;

/// <summary>A node of a YAML file that is to be written.</summary>
internal abstract record YamlNode
{
    private protected YamlNode()
    {
    }
}

/// <param name="IsPlain">A number or a word that means itself, written as it is.</param>
internal sealed record YamlWord(string Text, bool IsPlain = false) : YamlNode
{
    /// <summary>Never bare, so that it is text and nothing else.</summary>
    public bool IsQuoted { get; init; }
}

internal sealed record YamlItems(IReadOnlyList<YamlNode> Items) : YamlNode;

/// <summary>A map; members without a value are left out.</summary>
/// <param name="IsFlow">On one line.</param>
internal sealed record YamlFieldsOut(bool IsFlow = false) : YamlNode
{
    public List<(string Key, YamlNode Value)> Members { get; } = [];

    public YamlFieldsOut With(string key, string? text) =>
        text is null ? this : With(key, new YamlWord(text));

    public YamlFieldsOut Number(string key, decimal? number) => number is { } value
        ? With(key, new YamlWord(value.ToString(CultureInfo.InvariantCulture), IsPlain: true)) : this;

    public YamlFieldsOut Flag(string key, bool? flag) => flag is { } value
        ? With(key, new YamlWord(value ? "true" : "false", IsPlain: true)) : this;

    public YamlFieldsOut With(string key, YamlNode? value)
    {
        if (value is not (null or YamlItems { Items.Count: 0 } or YamlFieldsOut { Members.Count: 0 }))
        {
            Members.Add((key, value));
        }
        return this;
    }
}

/// <summary>Writes YAML for people: texts of several lines as blocks, quotes only where they are needed, and
/// always so that the same text is read again.</summary>
/// <param name="mask">Every text goes through it.</param>
internal sealed class YamlText(Func<string, string> mask)
{
    private const int LineCharsMost = 100;

    private static readonly string[] Meaning =
        ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];

    private readonly StringBuilder _text = new();

    public override string ToString() => _text.ToString();

    public void Item(YamlNode node, int indent)
    {
        _text.Append(' ', indent).Append('-');
        if (node is YamlFieldsOut { IsFlow: false } map)
        {
            _text.Append(' ');
            Members(map, indent + 2, isFirstHere: true);
            return;
        }
        Value(node, indent);
    }

    public void Member(string key, YamlNode value, int indent) => Member(key, value, indent, indent);

    private void Members(YamlFieldsOut map, int indent, bool isFirstHere = false)
    {
        foreach (var (key, value) in map.Members)
        {
            Member(key, value, isFirstHere ? 0 : indent, indent);
            isFirstHere = false;
        }
    }

    private void Member(string key, YamlNode value, int spaces, int indent)
    {
        _text.Append(' ', spaces).Append(Line(key)).Append(':');
        Value(value, indent);
    }

    private void Value(YamlNode value, int indent)
    {
        switch (value)
        {
            case YamlWord { IsPlain: true } word:
                _text.Append(' ').Append(word.Text).Append('\n');
                break;
            case YamlWord word:
                Words(mask(word.Text), indent + 2, word.IsQuoted);
                break;
            case YamlItems list:
                _text.Append('\n');
                foreach (var item in list.Items)
                {
                    Item(item, indent + 2);
                }
                break;
            case YamlFieldsOut { IsFlow: true } map:
                _text.Append(" { ").AppendJoin(", ", map.Members.Select(member =>
                    $"{Line(member.Key)}: {Flow(member.Value)}")).Append(" }\n");
                break;
            case YamlFieldsOut map:
                _text.Append('\n');
                Members(map, indent + 2);
                break;
        }
    }

    private string Flow(YamlNode value) => value switch
    {
        YamlWord { IsPlain: true } word => word.Text,
        YamlWord word => Line(mask(word.Text)),
        YamlItems list => $"[{string.Join(", ", list.Items.Select(Flow))}]",
        _ => throw new ArgumentException("a map on one line holds words and lists alone", nameof(value)),
    };

    private void Words(string text, int indent, bool isQuoted)
    {
        if (!IsBlock(text))
        {
            _text.Append(' ').Append(Line(text, isQuoted)).Append('\n');
            return;
        }
        var ends = text.Length - text.TrimEnd('\n').Length;
        _text.Append(ends switch { 0 => " |-\n", 1 => " |\n", _ => " |+\n" });
        foreach (var line in (ends == 0 ? text : text[..^1]).Split('\n'))
        {
            _text.Append(' ', line.Length == 0 ? 0 : indent).Append(line).Append('\n');
        }
    }

    // what a block would not keep to the letter is quoted
    private static bool IsBlock(string text)
    {
        var isWanted = text.Contains('\n')
            || (text.Length > LineCharsMost && text.AsSpan().ContainsAny("\"\\"));
        return isWanted && text[0] is not (' ' or '\n') && !text.Any(c => c != '\n' && MustEscape(c))
            && !text.Split('\n').Any(line => line.Length > 0 && string.IsNullOrWhiteSpace(line));
    }

    private static string Line(string text, bool isQuoted = false)
    {
        if (!isQuoted && IsWord(text))
        {
            return text;
        }
        return !text.Any(MustEscape) && text.AsSpan().ContainsAny("\"\\") && !text.Contains('\'')
            ? $"'{text}'" : Quoted(text);
    }

    private static bool IsWord(string text) => text.Length > 0 && char.IsAsciiLetter(text[0])
        && text[^1] != ' ' && text.All(c => char.IsAsciiLetterOrDigit(c)
            || c is ' ' or '_' or '.' or '/' or '-')
        && !Meaning.Contains(text, StringComparer.OrdinalIgnoreCase);

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                _ when MustEscape(c) => quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => quoted.Append(c),
            };
        }
        return quoted.Append('"').ToString();
    }

    private static bool MustEscape(char c) => c is < ' ' or (>= '\x7f' and <= '\xa0') or '\u2028' or '\u2029'
        or '\ufeff' or '\ufffe' or '\uffff';
}
