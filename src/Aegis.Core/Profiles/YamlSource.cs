using Aegis.Core.Errors;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Aegis.Core.Profiles;

// YamlDotNet's own document model expands what it likes and stops at the first error; read from parser
// events, places survive to the reader of the values, and what a configuration file has no use for (anchors,
// tags, several documents) is refused instead of interpreted.

/// <summary>A node of a YAML file with its place.</summary>
internal abstract record YamlValue(SourceSpan At);

internal sealed record YamlScalar(SourceSpan At, string Text, bool Quoted) : YamlValue(At)
{
    public bool IsNull => !Quoted && Text is "" or "~" or "null";
}

internal sealed record YamlList(SourceSpan At, List<YamlValue> Items) : YamlValue(At);

internal sealed record YamlMap(SourceSpan At, List<(YamlScalar Key, YamlValue Value)> Entries)
    : YamlValue(At);

/// <summary>Reads one small YAML document: no anchors, no tags, no duplicate keys, at most 16 deep.</summary>
internal static class YamlSource
{
    public const int DepthMax = 16;

    public static YamlValue? Load(string text, string file, int charsMax, List<Diagnostic> errors)
    {
        if (text.Length > charsMax)
        {
            errors.Add(new(new(file, 1, 1),
                new("AEGIS2311", "the file is too long", $"at most {charsMax} characters",
                $"{text.Length}", "split it or shorten it")));
            return null;
        }
        try
        {
            return new Reader(new Parser(new StringReader(text)), file, errors).Document();
        }
        catch (YamlException e)
        {
            var at = new SourceSpan(file, (int)Math.Max(1, e.Start.Line), (int)Math.Max(1, e.Start.Column));
            errors.Add(new(at, new("AEGIS2310", $"not YAML: {e.Message}",
                Mend: "mend the syntax at this place")));
            return null;
        }
    }

    private sealed class Reader(Parser parser, string file, List<Diagnostic> errors)
    {
        public YamlValue? Document()
        {
            parser.Consume<StreamStart>();
            if (!parser.TryConsume<DocumentStart>(out _))
            {
                return null;
            }
            var root = Value(0);
            parser.Consume<DocumentEnd>();
            if (!parser.Accept<StreamEnd>(out _))
            {
                Refuse(parser.Current!, "a second document", "one document");
            }
            return root;
        }

        private YamlValue Value(int depth)
        {
            var at = At(parser.Current!);
            if (depth > DepthMax)
            {
                throw new YamlException(parser.Current!.Start, parser.Current.End,
                    $"nested deeper than {DepthMax}");
            }
            if (parser.TryConsume<AnchorAlias>(out var alias))
            {
                Refuse(alias, $"the alias *{alias.Value}", "the value itself");
                return new YamlScalar(at, "", false);
            }
            if (parser.Current is NodeEvent node && (!node.Anchor.IsEmpty || !node.Tag.IsEmpty))
            {
                Refuse(node, node.Anchor.IsEmpty ? $"the tag {node.Tag}" : $"the anchor &{node.Anchor}",
                    "plain values");
            }
            return parser.Current switch
            {
                MappingStart => Map(at, depth),
                SequenceStart => List(at, depth),
                _ => Scalar(at),
            };
        }

        private YamlScalar Scalar(SourceSpan at)
        {
            var scalar = parser.Consume<Scalar>();
            return new YamlScalar(at, scalar.Value, scalar.Style != ScalarStyle.Plain);
        }

        private YamlList List(SourceSpan at, int depth)
        {
            parser.Consume<SequenceStart>();
            var items = new List<YamlValue>();
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                items.Add(Value(depth + 1));
            }
            return new YamlList(at, items);
        }

        private YamlMap Map(SourceSpan at, int depth)
        {
            parser.Consume<MappingStart>();
            var entries = new List<(YamlScalar, YamlValue)>();
            var seen = new HashSet<string>(StringComparer.Ordinal);
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                var key = Value(depth + 1);
                var value = Value(depth + 1);
                if (key is not YamlScalar name)
                {
                    errors.Add(new(key.At, new("AEGIS2312", "a key must be a word",
                        Mend: "write name: value")));
                }
                else if (!seen.Add(name.Text))
                {
                    errors.Add(new(key.At, new("AEGIS2312", $"the key {name.Text} stands here twice",
                        Mend: "keep one of the two")));
                }
                else
                {
                    entries.Add((name, value));
                }
            }
            return new YamlMap(at, entries);
        }

        private void Refuse(ParsingEvent at, string what, string expected) =>
            errors.Add(new(At(at), new("AEGIS2312", $"{what} is not read here", expected,
                Mend: "write it out in full")));

        private SourceSpan At(ParsingEvent e) => new(file, (int)e.Start.Line, (int)e.Start.Column);
    }
}
