using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Aegis.Core.Errors;
using Aegis.Server.Auth;
using Aegis.Server.Conditions;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;

namespace Aegis.Server.Json;

/// <summary>A body may name its tenant and project; they must be the caller's.</summary>
public abstract record DoorRequest
{
    public string? TenantId { get; init; }

    public string? ProjectId { get; init; }
}

/// <summary>Reads and writes bodies.</summary>
public static class Body
{
    private const string JsonType = "application/json";

    public static async ValueTask<T> ReadAsync<T>(HttpContext http, JsonTypeInfo<T> type)
        where T : DoorRequest
    {
        if (!IsJson(http.Request.ContentType))
        {
            throw new AegisException(DoorErrors.MediaType(JsonType, http.Request.ContentType));
        }
        try
        {
            var body = await JsonSerializer.DeserializeAsync(http.Request.Body, type, http.RequestAborted)
                ?? throw new AegisException(DoorErrors.Malformed("the body is null", "a JSON object"));
            NamedTenancy.RequireAgreement(http, body.TenantId, body.ProjectId);
            Bounds.Check(body, type);
            return body;
        }
        catch (JsonException e)
        {
            throw new AegisException(DoorErrors.Malformed(BindingFault.Of(e, type)));
        }
    }

    /// <summary>The body, or the fallback where none was sent.</summary>
    public static ValueTask<T> ReadOrAsync<T>(HttpContext http, JsonTypeInfo<T> type, T fallback)
        where T : DoorRequest =>
        http.Request.ContentLength is 0 or null && http.Request.ContentType is null
            ? ValueTask.FromResult(fallback)
            : ReadAsync(http, type);

    /// <summary>The whole body as bytes.</summary>
    public static async ValueTask<byte[]> ReadBytesAsync(HttpContext http)
    {
        using var buffer = new MemoryStream();
        await http.Request.Body.CopyToAsync(buffer, http.RequestAborted);
        return buffer.ToArray();
    }

    /// <param name="state">The tag of what may be written, where the answer shows more than that.</param>
    public static Task WriteAsync<T>(HttpContext http, T value, JsonTypeInfo<T> type,
        int status = StatusCodes.Status200OK, EntityTag? state = null) =>
        TaggedAnswer.SendAsync(
            http, status, JsonType, JsonSerializer.SerializeToUtf8Bytes(value, type), state);

    public static bool IsJson(string? contentType) => MediaTypeIs(contentType, JsonType);

    public static bool MediaTypeIs(string? contentType, string expected) =>
        contentType is not null
        && contentType.AsSpan(
            0, Math.Max(0, contentType.IndexOf(';') is var i && i < 0 ? contentType.Length : i))
            .Trim().Equals(expected, StringComparison.OrdinalIgnoreCase);
}
