using System.Collections.Immutable;
using System.Globalization;

namespace Aegis.Core.Rehearsals;

/// <summary>Writes a rehearsal as YAML that is read again as the same.</summary>
public static class RehearsalWriter
{
    private static readonly YamlWord Nothing = new("[]", IsPlain: true);

    public static string Write(RehearsalFile file, Func<string, string>? mask = null)
    {
        var yaml = new YamlText(mask ?? Same);
        if (!file.Faults.IsEmpty)
        {
            yaml.Member("faults", new YamlItems([.. file.Faults.Select(Fault)]), 0);
        }
        return Head(file.Origin, file.Mode) + yaml
            + Turns(string.Concat(file.Turns.Select(turn => Turn(turn, mask ?? Same))));
    }

    /// <summary>The list of turns.</summary>
    /// <param name="written">Turn by turn.</param>
    public static string Turns(string written) => written.Length == 0 ? "turns: []\n" : $"turns:\n{written}";

    public static string Head(string origin, RehearsalMode mode) =>
        $"origin: {origin}\nmode: {Word(RehearsalFile.Modes, mode)}\n";

    /// <summary>One turn, as an item of the list.</summary>
    /// <param name="mask">Every text goes through it.</param>
    public static string Turn(RehearsedTurn turn, Func<string, string> mask)
    {
        var yaml = new YamlText(mask);
        var fields = new YamlFieldsOut().With("role", turn.Role).Number("turn", turn.Turn);
        if (turn.Path != RehearsedPath.Chat)
        {
            fields.With("path", Word(TurnFields.Paths, turn.Path));
        }
        if ((turn.Contains ?? turn.Equal) is { } wanted)
        {
            fields.With("match",
                new YamlFieldsOut().With(turn.Equal is null ? "contains" : "equals", wanted));
        }
        if (turn.Request is { } request)
        {
            fields.With("request", request.Body is { } body ? new YamlWord(body) : Request(request));
        }
        fields.With("answer", Answer(turn.Answer)).Number("cost_usd", turn.CostUsd)
            .With("faults", new YamlItems([.. turn.Faults.Select(Fault)]));
        yaml.Item(fields, 2);
        return yaml.ToString();
    }

    private static string Same(string text) => text;

    private static YamlFieldsOut Request(RehearsedRequest request)
    {
        var rest = new YamlFieldsOut();
        foreach (var (name, json) in request.Rest)
        {
            rest.With(name, Json(json));
        }
        return new YamlFieldsOut()
            .With("system", new YamlItems([.. request.System.Select(Text)]))
            .With("messages", request.Messages.IsEmpty ? Nothing
                : new YamlItems([.. request.Messages.Select(Message)]))
            .With("tools", new YamlItems([.. request.Tools.Select(Tool)]))
            .With("tool_choice", Choice(request.ToolChoice))
            .Flag("parallel_tools", request.ToolChoice?.Parallel)
            .With("format", Format(request.Format))
            .With("stop", new YamlItems([.. request.Stop.Select(stop => new YamlWord(stop))]))
            .Number("temperature", (decimal?)request.Temperature)
            .Number("top_p", (decimal?)request.TopP)
            .Number("max_tokens", request.MaxTokens)
            .With("rest", rest);
    }

    private static YamlFieldsOut Message(RehearsedMessage message) => new YamlFieldsOut()
        .With("role", message.IsAssistant ? "assistant" : "user").With("content", Content(message.Parts));

    private static YamlFieldsOut Tool(RehearsedTool tool) => new YamlFieldsOut().With("name", tool.Name)
        .With("description", tool.Description).With("parameters", Json(tool.Parameters))
        .Flag("strict", tool.Strict);

    private static YamlNode? Choice(RehearsedChoice? choice) => choice is null ? null
        : choice.Name is { } name ? new YamlFieldsOut(IsFlow: true).With("name", name)
        : new YamlWord(choice.Kind);

    private static YamlNode? Format(RehearsedFormat? format) => format switch
    {
        null => null,
        { Name: null, Schema: null, Strict: null, Description: null } => new YamlWord("json"),
        _ => new YamlFieldsOut().With("name", format.Name).With("description", format.Description)
            .With("schema", format.Schema is { } schema ? Json(schema) : null).Flag("strict", format.Strict),
    };

    private static YamlNode Content(ImmutableArray<RehearsedPart> parts) => parts switch
    {
        [RehearsedSaying { Text: { Sha256: null } text }] => new YamlWord(text.Text),
        [] => Nothing,
        _ => new YamlItems([.. parts.Select(Part)]),
    };

    private static YamlFieldsOut Part(RehearsedPart part)
    {
        var fields = new YamlFieldsOut();
        return part switch
        {
            RehearsedSaying saying => fields.With("text", Text(saying.Text)),
            RehearsedImage { MediaType: null } image => fields.With("image", image.Source),
            RehearsedImage image => fields.With("image", new YamlFieldsOut()
                .With("media_type", image.MediaType).With("sha256", image.Source)),
            RehearsedCall call => fields.With("call", new YamlFieldsOut().With("id", call.Id)
                .With("name", call.Name).With("arguments", Json(call.Arguments))),
            RehearsedResult result => fields.With("result", new YamlFieldsOut().With("of", result.Of)
                .With("content", Content(result.Content)).Flag("is_error", result.IsError ? true : null)),
            RehearsedReasoning reasoning => fields.With("reasoning", new YamlFieldsOut()
                .With("text", reasoning.Text).With("signature", reasoning.Signature)
                .Flag("sealed", reasoning.IsSealed ? true : null)),
            _ => throw new ArgumentOutOfRangeException(nameof(part), part, "a part of no known kind"),
        };
    }

    private static YamlNode Text(RehearsedText text) => text.Sha256 is null ? new YamlWord(text.Text)
        : new YamlFieldsOut().With("excerpt", text.Text).With("sha256", text.Sha256);

    // as text, so that it is read again as it was written
    private static YamlWord Json(string json) => new(json) { IsQuoted = true };

    private static YamlFieldsOut Answer(RehearsedAnswer answer) => new YamlFieldsOut()
        .With("content", answer.Content is { } content ? Content(content) : null)
        .With("finish", Word(TurnFields.Finishes, answer.Finish))
        .With("stopped_at", answer.StoppedAt)
        .With("id", answer.Id)
        .With("model", answer.Model)
        .With("provider", answer.Provider)
        .With("usage", answer.Usage is { } usage ? Usage(usage) : null)
        .With("sent", answer.Sent is { } sent ? new YamlFieldsOut()
            .With("protocol", sent.IsAnthropic ? "anthropic" : "openai")
            .Flag("stream", sent.IsStream ? true : null)
            .With("content_type", sent.ContentType)
            .With("body", sent.Body) : null);

    private static YamlFieldsOut Usage(RehearsedUsage usage) => new YamlFieldsOut(IsFlow: true)
        .Number("input", usage.Input).Number("output", usage.Output)
        .Number("cached_input", Some(usage.CachedInput)).Number("cache_write", Some(usage.CacheWrite))
        .Number("reasoning", Some(usage.Reasoning));

    private static decimal? Some(long count) => count == 0 ? null : count;

    private static YamlFieldsOut Fault(RehearsedFault fault)
    {
        var (role, turn, provider, model, tries) = fault.At;
        var fields = new YamlFieldsOut().With("at", new YamlFieldsOut(IsFlow: true).With("role", role)
            .Number("turn", turn).With("provider", provider).With("model", model)
            .With("try", new YamlItems([.. tries.Select(nth =>
                new YamlWord(nth.ToString(CultureInfo.InvariantCulture), IsPlain: true))])));
        var key = Array.Find(FaultFields.Kinds, kind => kind.Kind == fault.Kind).Key;
        _ = fault.Kind switch
        {
            FaultKind.None => fields,
            FaultKind.Status => fields.Number(key, fault.Status)
                .Number("retry_after", (decimal?)fault.RetryAfter?.TotalSeconds),
            FaultKind.Garbage => fields.With(key, Word(FaultFields.GarbageKinds, fault.Garbage)),
            FaultKind.Timeout or FaultKind.Unreachable or FaultKind.Disconnect => fields.Flag(key, true),
            _ => fields.With(key, new YamlWord(string.Create(CultureInfo.InvariantCulture,
                $"{fault.After.Count} {(fault.After.CountsEvents ? "events" : "bytes")}"), IsPlain: true)),
        };
        return fault.First + fault.Between == TimeSpan.Zero ? fields
            : fields.With("slow", new YamlFieldsOut(IsFlow: true)
                .Number("first_ms", (decimal)fault.First.TotalMilliseconds)
                .Number("between_ms", (decimal)fault.Between.TotalMilliseconds));
    }

    private static string Word<T>(Dictionary<string, T> words, T value)
        where T : struct => words.First(word => word.Value.Equals(value)).Key;
}
