using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Server.Conditions;

namespace Aegis.Server.Forge;

/// <summary>Answers in GitHub's form: <c>message</c>, and for a refused body <c>errors</c> with resource,
/// field and code.</summary>
internal static class ForgeReplies
{
    private const string Docs = "docs/forge.md";

    /// <param name="state">The tag of what may be written, where the answer shows more than that.</param>
    public static Task WriteAsync(HttpContext http, int status, JsonNode body, EntityTag? state = null) =>
        TaggedAnswer.SendAsync(http, status, "application/json; charset=utf-8",
            Bytes(body), state);

    /// <summary>An answer's body as it is sent.</summary>
    public static byte[] Bytes(JsonNode body) => JsonSerializer.SerializeToUtf8Bytes(body);

    public static Task NotFoundAsync(HttpContext http) => MessageAsync(http, 404, "Not Found");

    public static Task MessageAsync(HttpContext http, int status, string message) =>
        WriteAsync(http, status, new JsonObject
        {
            ["message"] = message,
            ["documentation_url"] = Docs,
            ["status"] = $"{status}",
        });

    /// <summary>422: what was sent is well formed and cannot be done.</summary>
    public static Task InvalidAsync(HttpContext http, FieldError error) =>
        WriteAsync(http, 422, new JsonObject
        {
            ["message"] = "Validation Failed",
            ["errors"] = new JsonArray(error.ToJson()),
            ["documentation_url"] = Docs,
            ["status"] = "422",
        });
}

/// <summary>One entry of <c>errors</c>. Code is GitHub's: missing_field, invalid, custom, already_exists,
/// …</summary>
internal sealed record FieldError(string Resource, string? Field, string Code, string? Message = null)
{
    public JsonObject ToJson()
    {
        var json = new JsonObject { ["resource"] = Resource, ["code"] = Code };
        if (Field is not null)
        {
            json["field"] = Field;
        }
        if (Message is not null)
        {
            json["message"] = Message;
        }
        return json;
    }
}
