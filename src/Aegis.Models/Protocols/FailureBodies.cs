using System.Text;
using System.Text.Json;
using Aegis.Models.Protocols.Json;

namespace Aegis.Models.Protocols;

/// <summary>The error bodies of both protocols.</summary>
public static class FailureBodies
{
    private const int MessageCharsMax = 500;

    private static readonly (WireFailureKind Kind, string OpenAi, string Anthropic)[] Types =
    [
        (WireFailureKind.BadCall, "invalid_request_error", "invalid_request_error"),
        (WireFailureKind.KeyRefused, "authentication_error", "authentication_error"),
        (WireFailureKind.Forbidden, "permission_error", "permission_error"),
        (WireFailureKind.NotFound, "not_found_error", "not_found_error"),
        (WireFailureKind.TooLarge, "invalid_request_error", "request_too_large"),
        (WireFailureKind.RateLimited, "rate_limit_error", "rate_limit_error"),
        (WireFailureKind.TimedOut, "timeout_error", "timeout_error"),
        (WireFailureKind.Overloaded, "overloaded_error", "overloaded_error"),
        (WireFailureKind.Broken, "server_error", "api_error"),
    ];

    public static byte[] Write(WireFailure failure, WireProtocol to) =>
        JsonBody.Of((failure, to), static (writer, it) => Write(writer, it.failure, it.to), 256);

    internal static void Write(Utf8JsonWriter writer, WireFailure failure, WireProtocol to)
    {
        writer.WriteStartObject();
        if (to == WireProtocol.Anthropic)
        {
            writer.WriteString("type"u8, "error"u8);
        }
        writer.WriteStartObject("error"u8);
        var type = Array.Find(Types, type => type.Kind == failure.Kind);
        writer.WriteString("type"u8, to == WireProtocol.Anthropic ? type.Anthropic : type.OpenAi);
        writer.WriteString("message"u8, failure.Message);
        if (to == WireProtocol.Anthropic)
        {
            if (failure.Code is not null)
            {
                writer.WriteString("code"u8, failure.Code);
            }
        }
        else
        {
            writer.WriteString("param"u8, failure.Param);
            writer.WriteString("code"u8, failure.Code);
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>Reads the error body of a provider, whichever of the common forms it has. What cannot be
    /// read is an error of its status alone.</summary>
    /// <param name="secret">What the provider may have repeated and nobody may see.</param>
    public static WireFailure Read(int status, ReadOnlySpan<byte> body, string? secret = null)
    {
        var kind = WireFailure.KindOf(status);
        if (!Reading.Answer(body, Failure, out var said, out _))
        {
            return new(kind, $"HTTP {status}", status);
        }
        return said.Failure(kind, status, secret);
    }

    /// <summary>Reads an error that came within a stream, where no status tells its kind.</summary>
    internal static WireFailure OfStream(ref JsonCursor cursor) =>
        Error(ref cursor).Failure(WireFailureKind.Broken, 0, null);

    private static Said Failure(ref JsonCursor cursor)
    {
        cursor.Read();
        if (cursor.Token == JsonTokenType.StartArray)
        {
            // Gemini sends its errors as a list of one
            var first = cursor.Element() ? Object(ref cursor) : new();
            while (cursor.Element())
            {
                cursor.Leave();
            }
            return first;
        }
        return Object(ref cursor);
    }

    private static Said Object(ref JsonCursor cursor)
    {
        if (cursor.Token != JsonTokenType.StartObject)
        {
            cursor.Leave();
            return new();
        }
        var said = new Said();
        while (cursor.Member())
        {
            if (cursor.Is("error"u8))
            {
                said = Error(ref cursor);
            }
            else if (said.Message is null && (cursor.Is("message"u8) || cursor.Is("detail"u8)))
            {
                said.Message = Said.Text(ref cursor);
            }
            else
            {
                cursor.Skip();
            }
        }
        return said;
    }

    private static Said Error(ref JsonCursor cursor)
    {
        cursor.Read();
        var said = new Said();
        if (cursor.Token == JsonTokenType.String)
        {
            said.Message = cursor.Here();
            return said;
        }
        if (cursor.Token != JsonTokenType.StartObject)
        {
            cursor.Leave();
            return said;
        }
        while (cursor.Member())
        {
            if (cursor.Is("message"u8))
            {
                said.Message = Said.Text(ref cursor);
            }
            else if (cursor.Is("type"u8) || cursor.Is("status"u8))
            {
                said.Type = Said.Text(ref cursor);
            }
            else if (cursor.Is("code"u8))
            {
                said.Code = Said.Text(ref cursor);
            }
            else if (cursor.Is("param"u8))
            {
                said.Param = Said.Text(ref cursor);
            }
            else
            {
                cursor.Skip();
            }
        }
        return said;
    }

    private sealed class Said
    {
        public string? Message { get; set; }

        public string? Type { get; set; }

        public string? Code { get; set; }

        public string? Param { get; set; }

        public static string? Text(ref JsonCursor cursor)
        {
            cursor.Read();
            if (cursor.Token == JsonTokenType.String)
            {
                return cursor.Here();
            }
            var raw = cursor.RawHere();
            return raw == "null" ? null : raw;
        }

        public WireFailure Failure(WireFailureKind kind, int status, string? secret)
        {
            var named = Array.Find(Types, type => Type is not null
                && (type.OpenAi == Type || type.Anthropic == Type));
            // a status of 400 may stand over a more exact type
            var exact = named.OpenAi is not null && (status is 0 or 400 or 500) ? named.Kind : kind;
            if (Code is "model_not_found" && status is 400 or 404)
            {
                exact = WireFailureKind.NotFound;
            }
            var message = Clean(Message ?? $"HTTP {status}", secret);
            var of = status == 0 ? WireFailure.StatusOf(exact, WireProtocol.OpenAi) : status;
            return new(exact, message, of, Code is null ? null : Clean(Code, secret),
                Param is null ? null : Clean(Param, secret));
        }

        private static string Clean(string text, string? secret)
        {
            var hidden = string.IsNullOrEmpty(secret) ? text
                : text.Replace(secret, "***", StringComparison.Ordinal);
            var clean = new StringBuilder(hidden.Length);
            foreach (var c in hidden.AsSpan(0, Math.Min(hidden.Length, MessageCharsMax)))
            {
                clean.Append(char.IsControl(c) ? ' ' : c);
            }
            return clean.ToString().Trim();
        }
    }
}
