using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Models.Protocols.Json;

namespace Aegis.Models.Protocols.OpenAi;

/// <summary>Reads a body of <c>/chat/completions</c>.</summary>
public static class OpenAiCallReader
{
    /// <exception cref="AegisException">AEGIS2386 to 2388.</exception>
    public static ChatCall Read(ReadOnlySpan<byte> body) => Reading.Call(body, Call);

    private static ChatCall Call(ref JsonCursor cursor)
    {
        cursor.Object();
        var draft = new CallDraft { StreamUsage = false };
        while (cursor.Member())
        {
            Member(ref cursor, draft);
        }
        return draft.Call(ref cursor, WireProtocol.OpenAi, "messages");
    }

    private static void Member(ref JsonCursor cursor, CallDraft draft)
    {
        if (draft.TryShared(ref cursor, CallFields.TemperatureMost, "stop"u8))
        {
            return;
        }
        if (cursor.Is("messages"u8))
        {
            draft.Messages = OpenAiMessageReader.Read(ref cursor, draft.System);
        }
        else if (cursor.Is("tools"u8))
        {
            draft.Tools = OpenAiToolReader.Tools(ref cursor);
        }
        else if (cursor.Is("tool_choice"u8))
        {
            draft.Choice = OpenAiToolReader.Choice(ref cursor);
        }
        else if (cursor.Is("parallel_tool_calls"u8))
        {
            draft.Parallel = cursor.FlagOrNull();
        }
        else if (cursor.Is("response_format"u8))
        {
            draft.Format = OpenAiToolReader.Format(ref cursor);
        }
        else if (cursor.Is("max_tokens"u8) || cursor.Is("max_completion_tokens"u8))
        {
            draft.MaxTokens = CallFields.Tokens(ref cursor) ?? draft.MaxTokens;
        }
        else if (cursor.Is("stream_options"u8))
        {
            draft.StreamUsage = IncludesUsage(ref cursor);
        }
        else if (cursor.Is("user"u8))
        {
            draft.User = cursor.TextOrNull();
        }
        else
        {
            draft.Rest.Add(CallFields.Rest(ref cursor, draft.Rest));
        }
    }

    private static bool IncludesUsage(ref JsonCursor cursor)
    {
        if (!cursor.ObjectOrNull())
        {
            return false;
        }
        var includes = false;
        while (cursor.Member())
        {
            if (cursor.Is("include_usage"u8))
            {
                includes = cursor.Flag();
            }
            else
            {
                cursor.Skip();
            }
        }
        return includes;
    }
}
