using System.Collections.Immutable;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Rehearsals;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Models.Upstreams;

namespace Aegis.Models.Rehearsals;

/// <summary>A call as it reached the place of a provider, in the form in which rehearsals keep it.</summary>
internal sealed record AskedCall(RehearsedPath Path, RehearsedRequest Request, bool Stream)
{
    /// <summary>Null for what is no chat.</summary>
    public ChatCall? Chat { get; init; }

    /// <summary>Which turn of its conversation it asks for, from 1.</summary>
    public int Turn => Request.Messages.Count(message => message.IsAssistant) + 1;

    /// <exception cref="AegisException">AEGIS2386 to 2388.</exception>
    public static AskedCall Read(WireProtocol protocol, UpstreamPath path, ReadOnlySpan<byte> body,
        string contentType) => path switch
        {
            UpstreamPath.Embeddings => Embeddings(body),
            UpstreamPath.Transcriptions => Form(body, contentType),
            _ => Of(ChatTranslation.ReadCall(body, protocol)),
        };

    public static AskedCall Of(ChatCall call) => new(RehearsedPath.Chat, new()
    {
        System = [.. call.System.Select(part => new RehearsedText(part.Text))],
        Messages = [.. call.Messages.Select(message => new RehearsedMessage(
            message.Role == ChatRole.Assistant, [.. message.Parts.Select(SpokenParts.Asked)]))],
        Tools = [.. call.Tools.Select(tool =>
            new RehearsedTool(tool.Name, tool.Description, tool.Schema, tool.Strict))],
        ToolChoice = call.ToolChoice is { } choice ? new(Kind(choice.Kind), choice.Name, choice.Parallel)
            : null,
        Format = call.Format is { } format
            ? new(format.Name, format.Schema, format.Strict, format.Description) : null,
        Stop = call.Stop,
        Temperature = call.Temperature,
        TopP = call.TopP,
        MaxTokens = call.MaxTokens,
        Rest = call.Rest.ToImmutableSortedDictionary(rest => rest.Name, rest => rest.Json,
            StringComparer.Ordinal),
    }, call.Stream) { Chat = call };

    private static string Kind(ToolChoiceKind kind) => kind switch
    {
        ToolChoiceKind.None => "none",
        ToolChoiceKind.Any => "any",
        ToolChoiceKind.Named => "named",
        _ => "auto",
    };

    private static AskedCall Embeddings(ReadOnlySpan<byte> body)
    {
        _ = CallOutline.Read(body);
        using var json = JsonDocument.Parse(body.ToArray());
        return new(RehearsedPath.Embeddings, new()
        {
            Body = Json(json.RootElement.EnumerateObject().Where(member => member.Name != "model")
                .Select(member => (member.Name, member.Value.GetRawText()))),
        }, false);
    }

    // a boundary is another one with every call, so the fields are kept, and the sound's hash
    private static AskedCall Form(ReadOnlySpan<byte> body, string contentType)
    {
        var boundary = MediaTypeHeaderValue.Parse(contentType).Parameters
            .FirstOrDefault(parameter => parameter.Name == "boundary")?.Value?.Trim('"') ?? "";
        var form = FormOutline.Read(body, boundary);
        var members = new List<(string, string)>();
        foreach (var (name, range) in form.Members.Where(member => member.Name is not ("model" or "stream")))
        {
            var value = body[range];
            members.Add((name, JsonSerializer.Serialize(name == "file"
                ? "sha256:" + RehearsedText.HashOf(value) : Encoding.UTF8.GetString(value), Plain)));
        }
        return new(RehearsedPath.Transcriptions, new() { Body = Json(members) }, form.Stream);
    }

    private static string Json(IEnumerable<(string Name, string Json)> members) => "{"
        + string.Join(", ", members.Select(member =>
            $"{JsonSerializer.Serialize(member.Name, Plain)}: {member.Json}")) + "}";

    public static JavaScriptEncoder PlainEncoder => JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    private static JsonSerializerOptions Plain { get; } = new() { Encoder = PlainEncoder };
}
