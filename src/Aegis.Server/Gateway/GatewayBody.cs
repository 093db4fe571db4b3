using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Models.Calls;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Server.Json;
using Aegis.Server.Problems;
using Microsoft.Net.Http.Headers;

namespace Aegis.Server.Gateway;

/// <summary>A client's body as a call, and as the input of the tool that the gate judges.</summary>
internal static class GatewayBody
{
    private const string JsonType = "application/json";
    private const string FormType = "multipart/form-data";
    private static readonly JsonDocumentOptions EachOnce = new()
    {
        MaxDepth = ProtocolLimits.DepthMax + 1, AllowDuplicateProperties = false,
    };

    /// <exception cref="AegisException">AEGIS2386 to 2388; AEGIS6021 for another media type.</exception>
    public static ModelCall Read(
        ReadOnlyMemory<byte> body, string? contentType, WireProtocol protocol, AnswerKind kind)
    {
        if (kind == AnswerKind.Transcription)
        {
            var form = FormOutline.Read(body.Span, Boundary(contentType));
            return new ModelCall(protocol, kind, body, form.Model)
            {
                Form = form,
                ContentType = contentType!,
            };
        }
        if (!Body.IsJson(contentType))
        {
            throw new AegisException(DoorErrors.MediaType(JsonType, contentType));
        }
        var outline = CallOutline.Read(body.Span);
        return new ModelCall(protocol, kind, body, outline.Model) { Outline = outline };
    }

    public static string ToolOf(AnswerKind kind) => kind switch
    {
        AnswerKind.Embeddings => "llm.embed",
        AnswerKind.Transcription => "llm.transcribe",
        _ => "llm.chat",
    };

    /// <summary>The whole of it, so that rules on arguments see what is asked; of a sound file what its form
    /// says beside the sound.</summary>
    public static JsonElement Input(ModelCall call)
    {
        if (call.Form is { } form)
        {
            return JsonSerializer.SerializeToElement(new Dictionary<string, object>
            {
                ["model"] = form.Model,
                ["bytes"] = form.FileBytes,
            });
        }
        var head = call.Protocol switch
        {
            WireProtocol.Anthropic => "{\"protocol\":\"anthropic\",\"body\":"u8,
            WireProtocol.Responses => "{\"protocol\":\"responses\",\"body\":"u8,
            _ => "{\"protocol\":\"openai\",\"body\":"u8,
        };
        var input = new byte[head.Length + call.Body.Length + 1];
        head.CopyTo(input);
        call.Body.Span.CopyTo(input.AsSpan(head.Length));
        input[^1] = (byte)'}';
        try
        {
            return JsonElement.Parse(input, EachOnce);
        }
        catch (JsonException)
        {
            throw new AegisException(new AegisError("AEGIS2386",
                "the call is not well formed: a member of it stands there twice",
                "each member once, or what is judged and what is done could differ",
                Mend: "leave one of them out"));
        }
    }

    private static string Boundary(string? contentType)
    {
        if (!MediaTypeHeaderValue.TryParse(contentType, out var type)
            || !type.MediaType.Equals(FormType, StringComparison.OrdinalIgnoreCase))
        {
            throw new AegisException(DoorErrors.MediaType(FormType, contentType));
        }
        return HeaderUtilities.RemoveQuotes(type.Boundary).Value is { Length: > 0 and <= 70 } boundary
            ? boundary
            : throw new AegisException(DoorErrors.Malformed(
                "the form's content type has no boundary", "boundary=… of 1 to 70 characters"));
    }
}
