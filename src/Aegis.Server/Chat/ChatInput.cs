using System.Text;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Intents;
using Aegis.Models.Protocols;
using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.Problems;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Aegis.Server.Chat;

/// <summary>A sound that somebody speaks in.</summary>
internal sealed record ChatSound(string FileName, string MediaType, byte[] Bytes);

/// <summary>A message as it came, typed or spoken.</summary>
internal sealed record ChatInput(string? Message, ChatSound? Sound)
{
    public string? SessionId { get; init; }

    public bool RequireAction { get; init; }

    public string? Repository { get; init; }

    /// <summary>As a record of the ledger names it.</summary>
    public string Door { get; init; } = "chat";

    private const string FormType = "multipart/form-data";
    private static readonly string[] Fields =
        ["message", "session_id", "require_action", "repository", "tenant_id", "project_id"];

    private const int BoundaryCharsMax = 70;
    private const int FieldBytesMax = 4 * IntentDetector.CharsMax;

    public static async ValueTask<ChatInput> ReadAsync(HttpContext http)
    {
        if (MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type)
            && type.MediaType.Equals(FormType, StringComparison.OrdinalIgnoreCase))
        {
            var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
            return await FormAsync(http, boundary is { Length: > 0 and <= BoundaryCharsMax } ? boundary
                : throw new AegisException(ChatErrors.NoSound("no boundary of 1 to 70 characters")));
        }
        var request = await Body.ReadAsync(http, DoorJson.Default.ChatRequest);
        return new ChatInput(request.Message, null)
        {
            SessionId = request.SessionId,
            RequireAction = request.RequireAction,
            Repository = request.Repository,
        };
    }

    private static async ValueTask<ChatInput> FormAsync(HttpContext http, string boundary)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        ChatSound? sound = null;
        try
        {
            var reader = new MultipartReader(boundary, http.Request.Body);
            while (await reader.ReadNextSectionAsync(http.RequestAborted) is { } section)
            {
                var head = section.GetContentDispositionHeader()
                    ?? throw new AegisException(ChatErrors.NoSound("a part without a name"));
                var name = HeaderUtilities.RemoveQuotes(head.Name).Value ?? "";
                if (name == "file" && sound is null)
                {
                    sound = await SoundAsync(section, head, http.RequestAborted);
                }
                else if (!Fields.Contains(name)
                    || !fields.TryAdd(name, await TextAsync(section, http.RequestAborted)))
                {
                    throw new AegisException(
                        ChatErrors.NoSound($"a part {Shown(name)} that is unknown or twice"));
                }
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw new AegisException(ChatErrors.NoSound("a form that is cut off or malformed"));
        }
        NamedTenancy.RequireAgreement(
            http, fields.GetValueOrDefault("tenant_id"), fields.GetValueOrDefault("project_id"));
        return Checked(fields, sound);
    }

    private static ChatInput Checked(Dictionary<string, string> fields, ChatSound? sound)
    {
        var (message, session, repository) = (fields.GetValueOrDefault("message"),
            fields.GetValueOrDefault("session_id"), fields.GetValueOrDefault("repository"));
        if ((sound is null) == string.IsNullOrEmpty(message) || message?.Length > IntentDetector.CharsMax)
        {
            throw new AegisException(ChatErrors.NoSound("not one of message and file"));
        }
        if ((session is not null && !IdRule.IsValid(session))
            || (repository is not null && !IdRule.IsValid(repository)))
        {
            throw new AegisException(DoorErrors.Malformed("session_id or repository is no id", "an id"));
        }
        return new ChatInput(sound is null ? message : null, sound)
        {
            SessionId = session,
            Repository = repository,
            RequireAction = fields.GetValueOrDefault("require_action") switch
            {
                null or "false" => false,
                "true" => true,
                var other => throw new AegisException(
                    DoorErrors.Malformed("require_action is malformed", "true or false", Shown(other))),
            },
        };
    }

    private static async ValueTask<ChatSound> SoundAsync(
        MultipartSection section, ContentDispositionHeaderValue head, CancellationToken cancel)
    {
        var bytes = await BytesAsync(section, ProtocolLimits.FormBytesMax, cancel);
        var name = Path.GetFileName(HeaderUtilities.RemoveQuotes(head.FileName).Value ?? "");
        // both go into a form of ours: a name or type with a line break would make parts of its own
        return new ChatSound(
            IdRule.IsValid(name) ? name : "sound",
            MediaTypeHeaderValue.TryParse(section.ContentType, out var type)
                ? type.MediaType.Value! : "audio/wav",
            bytes);
    }

    private static async ValueTask<string> TextAsync(MultipartSection section, CancellationToken cancel) =>
        Encoding.UTF8.GetString(await BytesAsync(section, FieldBytesMax, cancel));

    private static async ValueTask<byte[]> BytesAsync(
        MultipartSection section, int max, CancellationToken cancel)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await section.Body.ReadAsync(buffer, cancel)) > 0)
        {
            if (bytes.Length + read > max)
            {
                throw new AegisException(DoorErrors.BodyTooLarge(max));
            }
            bytes.Write(buffer, 0, read);
        }
        return bytes.ToArray();
    }

    private static string Shown(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
