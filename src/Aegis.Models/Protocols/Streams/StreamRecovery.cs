using System.Collections.Immutable;

namespace Aegis.Models.Protocols.Streams;

/// <summary>How a call is made again after its stream broke.</summary>
public enum RecoveryKind
{
    /// <summary>The client has seen nothing: as if for the first time.</summary>
    Fresh,

    /// <summary>From the beginning, and what the client has seen must come again and is dropped.</summary>
    Match,

    /// <summary>The text that was given out is sent along, to be gone on with.</summary>
    Continue,

    /// <summary>Nothing that comes could be joined: the client is told that the answer broke.</summary>
    None,
}

/// <summary>Chooses how to go on after a stream broke; docs/decisions/0056 says why so.</summary>
public static class StreamRecovery
{
    /// <summary>Up to here a model says the same again often enough to try.</summary>
    public const double MatchTemperature = 0.1;

    private const int CharsPerToken = 4;
    private const string GoOn =
        "Your last message was cut off. Continue it exactly where it stopped, and repeat none of it.";

    /// <param name="sameModel">Whether the next candidate offers the very model that broke off.</param>
    /// <param name="diverged">Whether a try to match has failed for this answer.</param>
    public static RecoveryKind Plan(GivenOut given, ChatCall call, bool sameModel, bool diverged)
    {
        if (given.IsEmpty)
        {
            return RecoveryKind.Fresh;
        }
        // an open tool call cannot be sent along, nor half of a value that must follow a schema
        var onlyMatch = given.ToolCalls > 0 || call.Format is not null;
        if (onlyMatch)
        {
            return diverged ? RecoveryKind.None : RecoveryKind.Match;
        }
        return !diverged && sameModel && call.Temperature is <= MatchTemperature
            ? RecoveryKind.Match : RecoveryKind.Continue;
    }

    /// <summary>The call that asks for the rest of the text.</summary>
    public static ChatCall Continuing(ChatCall call, GivenOut given, CallWishes wishes)
    {
        var text = given.Text.TrimEnd();
        if (text.Length == 0)
        {
            return call;
        }
        ImmutableArray<ChatMessage> more = [new(ChatRole.Assistant, [new TextPart(text)])];
        if (!wishes.Prefill)
        {
            more = more.Add(new(ChatRole.User, [new TextPart(GoOn)]));
        }
        return call with
        {
            Messages = call.Messages.AddRange(more),
            MaxTokens = call.MaxTokens is { } most
                ? Math.Max(1, most - (given.TextChars / CharsPerToken)) : null,
        };
    }

    /// <summary>Finds what was asked first, where a call asks for the rest of a text.</summary>
    /// <param name="given">The text that is to be gone on with.</param>
    /// <param name="isSure">Whether the call can be nothing else.</param>
    internal static bool TryUndo(ChatCall call, out ChatCall asked, out string given, out bool isSure)
    {
        isSure = call.Messages is [.., { Role: ChatRole.User, Parts: [TextPart { Text: GoOn }] }];
        var before = isSure ? call.Messages[..^1] : call.Messages;
        if (before is [.., { Role: ChatRole.Assistant, Parts: [TextPart text] }])
        {
            (asked, given) = (call with { Messages = before[..^1] }, text.Text);
            return true;
        }
        (asked, given, isSure) = (call, "", false);
        return false;
    }
}
