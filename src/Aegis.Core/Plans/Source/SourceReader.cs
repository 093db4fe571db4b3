using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Expressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Aegis.Core.Plans.Source;

/// <summary>YAML events to nodes with places. YamlDotNet's own representation model was rejected: it expands
/// aliases without a bound and loses the place of a duplicate key. Limits hold while reading, so a hostile
/// file costs no more than its bytes.</summary>
internal sealed class SourceReader(DiagnosticList diagnostics)
{
    public const int DepthMax = 64;
    public const int NodesMax = 400_000;

    private readonly Dictionary<string, SourceNode?> anchors = [];
    private IParser parser = null!;
    private int size;

    /// <summary>The document's root, or null where the file is no single YAML document; the reason is in the
    /// list then.</summary>
    public SourceNode? Read(string text)
    {
        try
        {
            parser = new Parser(new StringReader(text));
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _))
            {
                diagnostics.Add(1, 1, "AEGIS1003", "the file is empty", "a workflow");
                return null;
            }
            parser.Consume<DocumentStart>();
            var root = ReadNode(1);
            parser.Consume<DocumentEnd>();
            if (parser.Accept<DocumentStart>(out var second))
            {
                diagnostics.Add(Line(second.Start), Column(second.Start), "AEGIS1006",
                    "the file holds a second document", "one workflow per file", "---");
            }
            return root;
        }
        catch (SourceLimitException)
        {
            return null;
        }
        catch (YamlException e)
        {
            Refuse(e, text);
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException
            or OverflowException)
        {
            // YamlDotNet's scanner lets a few of its own slips escape on malformed text
            var at = parser.Current?.End ?? Mark.Empty;
            diagnostics.Add(Line(at), Column(at), "AEGIS1003", "this is not YAML", "valid YAML 1.2");
            return null;
        }
    }

    // of a tab and an escape the parser tells where the text around them began
    private void Refuse(YamlException e, string text)
    {
        var at = e.Message.Contains("escape", StringComparison.Ordinal) ? e.End : e.Start;
        var (line, column) = (Line(at), Column(at));
        var isTab = e.Message.Contains("tab", StringComparison.Ordinal);
        if (isTab && text.Split('\n').Index().FirstOrDefault(l => l.Index >= line - 1
            && l.Item.AsSpan().IndexOf('\t') is >= 0 and var tab
            && l.Item.AsSpan(0, tab).IndexOfAnyExcept(' ') < 0) is { Item: { } indented, Index: var index })
        {
            (line, column) = (index + 1, indented.IndexOf('\t', StringComparison.Ordinal) + 1);
        }
        diagnostics.Add(line, column, "AEGIS1003", "this is not YAML", "valid YAML 1.2", e.Message,
            isTab ? "indent with blanks" : null);
    }

    private SourceNode ReadNode(int depth)
    {
        if (parser.Accept<AnchorAlias>(out var alias))
        {
            parser.MoveNext();
            return Resolve(alias, depth);
        }
        var start = parser.Current as NodeEvent ?? throw new YamlException("a node is missing");
        if (depth > DepthMax)
        {
            throw Limit(start.Start, "the file is nested too deeply", $"at most {DepthMax} levels");
        }
        Count(start.Start, 1);
        CheckTag(start);
        var name = start.Anchor.IsEmpty ? null : start.Anchor.Value;
        if (name is not null)
        {
            // null while it is being read: an alias to it from inside has no end
            anchors[name] = null;
        }
        SourceNode node = start switch
        {
            Scalar scalar => ReadScalar(scalar),
            SequenceStart => ReadSequence(depth),
            _ => ReadMapping(depth),
        };
        if (name is not null)
        {
            anchors[name] = node;
        }
        return node;
    }

    private SourceNode Resolve(AnchorAlias alias, int depth)
    {
        if (!anchors.TryGetValue(alias.Value.Value, out var node) || node is null)
        {
            diagnostics.Add(Line(alias.Start), Column(alias.Start), "AEGIS1006",
                $"*{alias.Value.Value} names no finished anchor", "an anchor that stands above it");
            return new ScalarNode(Line(alias.Start), Column(alias.Start), "", ScalarForm.Plain, true);
        }
        if (depth + node.Height - 1 > DepthMax)
        {
            throw Limit(alias.Start, "the file is nested too deeply", $"at most {DepthMax} levels");
        }
        Count(alias.Start, node.Size);
        return node;
    }

    private ScalarNode ReadScalar(Scalar scalar)
    {
        parser.MoveNext();
        var form = scalar.Style switch
        {
            ScalarStyle.Literal => ScalarForm.Literal,
            ScalarStyle.Folded => ScalarForm.Folded,
            ScalarStyle.SingleQuoted or ScalarStyle.DoubleQuoted => ScalarForm.Quoted,
            _ => ScalarForm.Plain,
        };
        if (!WellFormedText.IsValid(scalar.Value) || scalar.Value.Contains('\0', StringComparison.Ordinal))
        {
            diagnostics.Add(Line(scalar.Start), Column(scalar.Start), "AEGIS1002",
                "a string holds a zero character or half of a surrogate pair", "well-formed text");
        }
        var isPlain = form == ScalarForm.Plain && (scalar.Tag.IsEmpty || scalar.Tag.Value != TextTag);
        return new ScalarNode(Line(scalar.Start), Column(scalar.Start), scalar.Value, form, isPlain);
    }

    private SequenceNode ReadSequence(int depth)
    {
        var start = parser.Consume<SequenceStart>().Start;
        var items = ImmutableArray.CreateBuilder<SourceNode>();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(ReadNode(depth + 1));
        }
        return new SequenceNode(Line(start), Column(start), items.ToImmutable(), 1 + items.Sum(i => i.Size),
            1 + items.Select(i => i.Height).DefaultIfEmpty().Max());
    }

    private MappingNode ReadMapping(int depth)
    {
        var start = parser.Consume<MappingStart>().Start;
        var members = ImmutableArray.CreateBuilder<SourceMember>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = ReadNode(depth + 1);
            var value = ReadNode(depth + 1);
            if (key is not ScalarNode name)
            {
                diagnostics.Add(key, "AEGIS1006", "a key is no plain text", "a name", key.KindShown);
            }
            else if (!lines.TryAdd(name.Text, name.Line))
            {
                diagnostics.Add(key, "AEGIS1004", $"the key {name.Text} stands twice in one map",
                    "each key once", $"also on line {lines[name.Text]}", "remove one of them");
            }
            else if (name is { Text: "<<", IsPlain: true })
            {
                diagnostics.Add(key, "AEGIS1006", "merge keys are not part of YAML 1.2", null, "<<",
                    "write the keys out, or use an alias for a whole value");
            }
            else
            {
                members.Add(new SourceMember(name, value));
            }
        }
        return new MappingNode(Line(start), Column(start), members.ToImmutable(),
            1 + members.Sum(m => 1 + m.Value.Size),
            1 + members.Select(m => m.Value.Height).DefaultIfEmpty().Max());
    }

    private const string TextTag = "tag:yaml.org,2002:str";

    private void CheckTag(NodeEvent node)
    {
        var tag = node.Tag.IsEmpty ? null : node.Tag.Value;
        if (tag is null or "!" or TextTag or "tag:yaml.org,2002:map" or "tag:yaml.org,2002:seq")
        {
            return;
        }
        diagnostics.Add(Line(node.Start), Column(node.Start), "AEGIS1006", "tags are not read",
            "no tag, or !!str", tag);
    }

    private void Count(Mark at, int nodes)
    {
        size += nodes;
        if (size > NodesMax)
        {
            throw Limit(at, "the file has too many values, aliases counted each time",
                $"at most {NodesMax}");
        }
    }

    private SourceLimitException Limit(Mark at, string message, string expected)
    {
        diagnostics.Add(Line(at), Column(at), "AEGIS1005", message, expected);
        return new SourceLimitException();
    }

    private static int Line(Mark mark) => (int)Math.Clamp(mark.Line, 1, int.MaxValue);

    private static int Column(Mark mark) => (int)Math.Clamp(mark.Column, 1, int.MaxValue);

    /// <summary>Ends the reading; its diagnostic is in the list already.</summary>
    private sealed class SourceLimitException : Exception;
}
