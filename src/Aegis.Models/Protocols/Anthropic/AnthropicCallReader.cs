using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Models.Protocols.Json;

namespace Aegis.Models.Protocols.Anthropic;

/// <summary>Reads a body of <c>/messages</c>.</summary>
public static class AnthropicCallReader
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
        return draft.MaxTokens is not null ? draft.Call(ref cursor, WireProtocol.Anthropic, "messages")
            : throw cursor.Malformed(0, "a member max_tokens", "none");
    }

    private static void Member(ref JsonCursor cursor, CallDraft draft)
    {
        if (draft.TryShared(ref cursor, 1, "stop_sequences"u8))
        {
            return;
        }
        if (cursor.Is("messages"u8))
        {
            draft.Messages = AnthropicMessageReader.Messages(ref cursor);
        }
        else if (cursor.Is("system"u8))
        {
            AnthropicMessageReader.System(ref cursor, draft.System);
        }
        else if (cursor.Is("tools"u8))
        {
            draft.Tools = AnthropicToolReader.Tools(ref cursor);
        }
        else if (cursor.Is("tool_choice"u8))
        {
            draft.Choice = AnthropicToolReader.Choice(ref cursor);
        }
        else if (cursor.Is("output_config"u8))
        {
            draft.Format = AnthropicToolReader.OutputConfig(ref cursor, draft.Rest);
        }
        else if (cursor.Is("max_tokens"u8))
        {
            draft.MaxTokens = CallFields.Tokens(ref cursor);
        }
        else if (cursor.Is("metadata"u8))
        {
            draft.User = UserId(ref cursor);
        }
        else
        {
            draft.Rest.Add(CallFields.Rest(ref cursor, draft.Rest));
        }
    }

    private static string? UserId(ref JsonCursor cursor)
    {
        cursor.Object();
        string? user = null;
        while (cursor.Member())
        {
            if (cursor.Is("user_id"u8))
            {
                user = cursor.TextOrNull();
            }
            else
            {
                cursor.Skip();
            }
        }
        return user;
    }
}
