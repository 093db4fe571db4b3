using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Models.Protocols.Json;

namespace Aegis.Models.Protocols.Responses;

/// <summary>Reads a body of <c>/responses</c> that says no more than a chat can: texts, images, functions.
/// What leans on a provider's memory of earlier responses is refused.</summary>
public static class ResponsesCallReader
{
    /// <exception cref="AegisException">AEGIS2386 to 2388.</exception>
    public static ChatCall Read(ReadOnlySpan<byte> body) => Reading.Call(body, Call);

    private static ChatCall Call(ref JsonCursor cursor)
    {
        cursor.Object();
        var draft = new CallDraft();
        while (cursor.Member())
        {
            Member(ref cursor, draft);
        }
        return draft.Call(ref cursor, WireProtocol.Responses, "input");
    }

    private static void Member(ref JsonCursor cursor, CallDraft draft)
    {
        if (draft.TryShared(ref cursor, CallFields.TemperatureMost, "stop"u8))
        {
            return;
        }
        if (cursor.Is("input"u8))
        {
            draft.Messages = ResponsesItemReader.Input(ref cursor, draft.System);
        }
        else if (cursor.Is("instructions"u8))
        {
            // they stand before whatever the input says to the system
            draft.System.InsertRange(0, cursor.TextOrNull() is { } text ? [new TextPart(text)] : []);
        }
        else if (cursor.Is("tools"u8))
        {
            draft.Tools = ResponsesItemReader.Tools(ref cursor);
        }
        else if (cursor.Is("tool_choice"u8))
        {
            draft.Choice = ResponsesItemReader.Choice(ref cursor);
        }
        else if (cursor.Is("text"u8))
        {
            draft.Format = ResponsesItemReader.Format(ref cursor);
        }
        else if (cursor.Is("max_output_tokens"u8))
        {
            draft.MaxTokens = CallFields.Tokens(ref cursor);
        }
        else if (cursor.Is("parallel_tool_calls"u8))
        {
            draft.Parallel = cursor.FlagOrNull();
        }
        else if (cursor.Is("user"u8))
        {
            draft.User = cursor.TextOrNull();
        }
        else
        {
            Remembered(ref cursor);
        }
    }

    private static void Remembered(ref JsonCursor cursor)
    {
        if (cursor.Is("previous_response_id"u8) || cursor.Is("conversation"u8) || cursor.Is("prompt"u8))
        {
            Refuse(ref cursor);
        }
        else if (!cursor.Is("background"u8))
        {
            cursor.Skip();
        }
        else if (cursor.Flag())
        {
            throw ProtocolErrors.Untranslatable("background", "an answer that is fetched later");
        }
    }

    private static void Refuse(ref JsonCursor cursor)
    {
        cursor.Read();
        if (cursor.Token != JsonTokenType.Null)
        {
            throw ProtocolErrors.Untranslatable(cursor.Place(cursor.Start),
                "it leans on what a provider remembers");
        }
    }
}
