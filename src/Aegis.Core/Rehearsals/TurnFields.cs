using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;

namespace Aegis.Core.Rehearsals;

/// <summary>Reads the turns of a rehearsal.</summary>
internal sealed class TurnFields(List<Diagnostic> errors, RehearsalMode mode)
{
    internal static readonly Dictionary<string, RehearsedPath> Paths = new()
    {
        ["chat"] = RehearsedPath.Chat,
        ["embeddings"] = RehearsedPath.Embeddings,
        ["transcriptions"] = RehearsedPath.Transcriptions,
    };

    internal static readonly Dictionary<string, RehearsedFinish> Finishes = new()
    {
        ["stop"] = RehearsedFinish.Stop,
        ["length"] = RehearsedFinish.Length,
        ["tool_calls"] = RehearsedFinish.ToolCalls,
        ["filter"] = RehearsedFinish.Filter,
        ["paused"] = RehearsedFinish.Paused,
    };

    private static readonly Dictionary<string, bool> Protocols = new()
    {
        ["openai"] = false,
        ["anthropic"] = true,
    };

    private const int NameCharsMax = 256;
    private const int TokensMax = 100_000_000;
    private readonly ConversationFields _conversation = new(errors);

    public RehearsedTurn? Read(YamlValue item)
    {
        if (YamlFields.Of(item, "turns", errors, "role", "turn", "path", "match", "request", "reply",
                "answer", "input_tokens", "output_tokens", "cost_usd", "faults") is not { } fields)
        {
            return null;
        }
        if (mode == RehearsalMode.Strict)
        {
            fields.Need("request");
        }
        fields.Need("cost_usd");
        var path = fields.Word("path", Paths) ?? RehearsedPath.Chat;
        var (contains, equal) = Match(fields);
        return new(fields.Text("role", 64) ?? "user", (int)(fields.Integer("turn", 1, 10_000) ?? 1),
            contains, equal, Request(fields, path), Answer(fields, path),
            fields.Number("cost_usd", 0, 1_000_000) ?? 0)
        {
            Path = path,
            Faults = FaultFields.Read(fields, "faults", FaultFields.TurnPlaceKeys, errors),
        };
    }

    private (string? Contains, string? Equal) Match(YamlFields turn)
    {
        var match = turn.Value("match") is { } value
            ? YamlFields.Of(value, "turns.match", errors, "contains", "equals") : null;
        var contains = match?.Text("contains", RehearsalFile.ReplyCharsMax);
        var equal = match?.Text("equals", RehearsalFile.ReplyCharsMax);
        if (match is not null && contains is null == equal is null)
        {
            YamlFields.Wrong(errors, turn.Value("match")!, "turns.match",
                "exactly one of contains and equals");
        }
        return (contains, equal);
    }

    private RehearsedRequest? Request(YamlFields turn, RehearsedPath path) =>
        turn.Value("request") is not { } value ? null
            : path == RehearsedPath.Chat ? _conversation.Request(value)
            : _conversation.JsonObject(value, "turns.request") is { } body ? new() { Body = body } : null;

    private RehearsedAnswer Answer(YamlFields turn, RehearsedPath path)
    {
        if (turn.Value("answer") is { } value)
        {
            foreach (var other in (string[])["reply", "input_tokens", "output_tokens"])
            {
                if (turn.Value(other) is { } beside)
                {
                    YamlFields.Wrong(errors, beside, $"turns.{other}", "nothing, since there is an answer");
                }
            }
            return Whole(value, path);
        }
        var usage = new RehearsedUsage(turn.Integer("input_tokens", 0, TokensMax) ?? 0,
            turn.Integer("output_tokens", 0, TokensMax) ?? 0);
        var reply = turn.Required("reply", RehearsalFile.ReplyCharsMax) ?? "";
        if (path == RehearsedPath.Embeddings && turn.Value("reply") is { } words)
        {
            YamlFields.Wrong(errors, words, "turns.reply", "an answer with sent, for embeddings");
        }
        return new([new RehearsedSaying(new(reply))], usage);
    }

    private RehearsedAnswer Whole(YamlValue value, RehearsedPath path)
    {
        var empty = new RehearsedAnswer([], null);
        if (YamlFields.Of(value, "turns.answer", errors, "content", "finish", "stopped_at", "id", "model",
            "provider", "usage", "sent") is not { } fields)
        {
            return empty;
        }
        var sent = Sent(fields);
        if (sent is null)
        {
            fields.Need(path == RehearsedPath.Embeddings ? "sent" : "content");
        }
        ImmutableArray<RehearsedPart>? content = fields.Value("content") is { } said
            ? _conversation.Content(said, "turns.answer.content") : null;
        return new(content, Usage(fields))
        {
            Finish = fields.Word("finish", Finishes)
                ?? (content?.Any(part => part is RehearsedCall) == true ? RehearsedFinish.ToolCalls
                    : RehearsedFinish.Stop),
            StoppedAt = fields.Text("stopped_at"),
            Id = fields.Text("id", NameCharsMax),
            Model = fields.Text("model", NameCharsMax),
            Provider = fields.Text("provider", NameCharsMax),
            Sent = sent,
        };
    }

    private RehearsedUsage? Usage(YamlFields answer)
    {
        if (answer.Value("usage") is not { } value || YamlFields.Of(value, "turns.answer.usage", errors,
            "input", "output", "cached_input", "cache_write", "reasoning") is not { } fields)
        {
            return null;
        }
        return new(Tokens("input"), Tokens("output"), Tokens("cached_input"), Tokens("cache_write"),
            Tokens("reasoning"));

        long Tokens(string name) => fields.Integer(name, 0, TokensMax) ?? 0;
    }

    private RehearsedSent? Sent(YamlFields answer)
    {
        if (answer.Value("sent") is not { } value || YamlFields.Of(value, "turns.answer.sent", errors,
            "protocol", "stream", "content_type", "body") is not { } fields)
        {
            return null;
        }
        return new(fields.Word("protocol", Protocols) ?? false, fields.Flag("stream"),
            fields.Required("body", RehearsalFile.ReplyCharsMax) ?? "", fields.Text("content_type"));
    }
}
