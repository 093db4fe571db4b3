using System.Collections.Immutable;
using Aegis.Core.Discovery;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;

namespace Aegis.Core.Intents;

/// <summary>What the chat says, in each language: <c>contracts/chat.yaml</c>.</summary>
/// <param name="Texts">By name and language.</param>
public sealed record ChatTexts(
    ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, string>> Texts,
    ImmutableArray<ChatTopic> Topics)
{
    public const int CharsMax = 64 * 1024;

    private static readonly string[] Languages = ["en", "es"];

    private static readonly Lazy<ChatTexts> Shipped = new(() =>
        Parse(ShippedText.Of("chat.yaml"), "contracts/chat.yaml").Shipped());

    public static ChatTexts BuiltIn => Shipped.Value;

    /// <summary>A text with its values filled in; what a value holds is never filled in again.</summary>
    public string Say(string name, string language, params ReadOnlySpan<(string Name, string Value)> values)
    {
        var text = Texts[name][language];
        var said = new System.Text.StringBuilder(text.Length + 64);
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] != '{' || text.IndexOf('}', at) is not (> 0 and var end))
            {
                said.Append(text[at]);
                continue;
            }
            var wanted = text[(at + 1)..end];
            foreach (var (key, value) in values)
            {
                if (key == wanted)
                {
                    said.Append(value);
                }
            }
            at = end;
        }
        return said.ToString();
    }

    /// <summary>The topic that most words of a question belong to; null for none.</summary>
    public ChatTopic? TopicOf(string question)
    {
        var words = FoldedText.Of(question).Words.ToList();
        var best = Topics.OrderByDescending(t => words.Count(t.Words.Contains)).FirstOrDefault();
        return best is not null && words.Any(best.Words.Contains) ? best : null;
    }

    /// <summary>Every error at once, with its line and column.</summary>
    public static ParseResult<ChatTexts> Parse(string text, string fileName)
    {
        var errors = new List<Diagnostic>();
        var root = YamlSource.Load(text, fileName, CharsMax, errors);
        if (root is null || YamlFields.Of(root, "the texts", errors, "texts", "topics") is not { } fields)
        {
            return new(null, [.. errors]);
        }
        var texts = fields.Entries("texts").ToImmutableSortedDictionary(t => t.Name,
            t => Said(YamlFields.Of(t.Value, $"texts.{t.Name}", errors, Languages)), StringComparer.Ordinal);
        var topics = fields.Entries("topics").Select(t => Topic(t.Name, t.Value, errors))
            .OfType<ChatTopic>().ToImmutableArray();
        return errors.Count > 0 ? new(null, [.. errors]) : new(new ChatTexts(texts, topics), []);
    }

    private static ChatTopic? Topic(string name, YamlValue value, List<Diagnostic> errors) =>
        YamlFields.Of(value, $"topics.{name}", errors, ["words", .. Languages]) is { } topic
            ? new ChatTopic(name, topic.Items("words").OfType<YamlScalar>().Select(w => w.Text)
                .ToImmutableHashSet(StringComparer.Ordinal), Said(topic))
            : null;

    private static ImmutableSortedDictionary<string, string> Said(YamlFields? of)
    {
        if (of is null)
        {
            return ImmutableSortedDictionary<string, string>.Empty;
        }
        return Languages.ToImmutableSortedDictionary(
            l => l, l => of.Required(l) ?? "", StringComparer.Ordinal);
    }
}

/// <summary>What is told of one thing.</summary>
/// <param name="Words">By which a question about it is known.</param>
public sealed record ChatTopic(
    string Name, ImmutableHashSet<string> Words, ImmutableSortedDictionary<string, string> Says);
