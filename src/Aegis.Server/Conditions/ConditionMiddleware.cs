namespace Aegis.Server.Conditions;

/// <summary>Reads the conditions of a request before its door does anything, so that a malformed one is
/// refused everywhere alike and has no effect.</summary>
public sealed class ConditionMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<TaggedDoor>() is not null)
        {
            http.Items[ConditionItem.Name] = RequestConditions.Read(http.Request.Headers);
        }
        return next(http);
    }
}

internal static class ConditionItem
{
    internal const string Name = "aegis.conditions";

    /// <summary>Of a door that <see cref="TaggedDoor"/> marks.</summary>
    public static RequestConditions Conditions(this HttpContext http) =>
        (RequestConditions)http.Items[ConditionItem.Name]!;

    /// <summary>Shows a representation's tag; true where that settles it, because the client has this
    /// representation already: the answer is 304 then, and has no body.</summary>
    public static bool HasAlready(this HttpContext http, EntityTag tag)
    {
        var settled = http.Conditions().HasAlready(tag);
        http.Response.Headers.ETag = tag.ToString();
        if (settled)
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
        }
        return settled;
    }
}
