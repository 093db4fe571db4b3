using System.Collections.Immutable;

namespace Aegis.Models.Protocols.Json;

/// <summary>A call while its body is read, and the members that mean the same in each protocol.</summary>
internal sealed class CallDraft
{
    public string? Model { get; set; }

    /// <summary>Null until they were read.</summary>
    public List<ChatMessage>? Messages { get; set; }

    public List<TextPart> System { get; } = [];

    public ImmutableArray<ChatTool> Tools { get; set; } = [];

    public ToolChoice? Choice { get; set; }

    /// <summary>Whether tools may be called at once, where that is a member of its own.</summary>
    public bool? Parallel { get; set; }

    public AnswerFormat? Format { get; set; }

    public int? MaxTokens { get; set; }

    public bool StreamUsage { get; set; } = true;

    public string? User { get; set; }

    public List<RestMember> Rest { get; } = [];

    private double? Temperature { get; set; }

    private double? TopP { get; set; }

    private ImmutableArray<string> Stop { get; set; } = [];

    private bool Stream { get; set; }

    /// <summary>Reads the member on whose name the cursor stands.</summary>
    /// <param name="stop">The protocol's name of stop sequences.</param>
    /// <returns>False where it is another one.</returns>
    public bool TryShared(ref JsonCursor cursor, double temperatureMost, ReadOnlySpan<byte> stop)
    {
        if (cursor.Is("model"u8))
        {
            Model = CallFields.Model(ref cursor);
        }
        else if (cursor.Is("temperature"u8))
        {
            Temperature = cursor.NumberOrNull(0, temperatureMost);
        }
        else if (cursor.Is("top_p"u8))
        {
            TopP = cursor.NumberOrNull(0, 1);
        }
        else if (cursor.Is("stream"u8))
        {
            Stream = cursor.Flag();
        }
        else if (cursor.Is(stop))
        {
            Stop = CallFields.Stops(ref cursor);
        }
        else
        {
            return false;
        }
        return true;
    }

    /// <param name="messages">The protocol's name of the messages.</param>
    public ChatCall Call(ref JsonCursor cursor, WireProtocol protocol, string messages) => new()
    {
        Model = CallFields.Needed(ref cursor, Model, 0, "model"),
        Messages = [.. CallFields.Needed(ref cursor, Messages, 0, messages)],
        System = [.. System],
        Tools = Tools,
        ToolChoice = Parallel is { } parallel
            ? (Choice ?? new(ToolChoiceKind.Auto)) with { Parallel = parallel } : Choice,
        Format = Format,
        Temperature = Temperature,
        TopP = TopP,
        Stop = Stop,
        MaxTokens = MaxTokens,
        Stream = Stream,
        StreamUsage = StreamUsage,
        User = User,
        Rest = [.. Rest],
        RestOf = protocol,
    };
}
