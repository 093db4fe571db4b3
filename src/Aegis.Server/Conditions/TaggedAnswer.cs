namespace Aegis.Server.Conditions;

/// <summary>Sends a whole answer; where the door's resource is tagged, with its entity tag, or without a body
/// where the client has it already. No cache between the two may keep it: the client may.</summary>
internal static class TaggedAnswer
{
    /// <param name="state">The tag of what may be written, where the answer shows more than that.</param>
    public static async Task SendAsync(HttpContext http, int status, string mediaType, byte[] body,
        EntityTag? state = null)
    {
        http.Response.StatusCode = status;
        http.Response.Headers.CacheControl = "no-store";
        if (status == StatusCodes.Status200OK && IsTaggedRead(http)
            && http.HasAlready(state?.Showing(body) ?? EntityTag.Of(body)))
        {
            return;
        }
        http.Response.ContentType = mediaType;
        http.Response.ContentLength = body.Length;
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }

    private static bool IsTaggedRead(HttpContext http) =>
        http.GetEndpoint() is { } door && door.Metadata.GetMetadata<TaggedDoor>() is not null
        && TaggedDoor.Reads(door);
}
