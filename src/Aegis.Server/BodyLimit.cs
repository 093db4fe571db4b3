using Aegis.Blobs;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;

namespace Aegis.Server;

/// <summary>
/// Keeps bodies under their door's limit. What is over it is refused, and then read and dropped for a while
/// by the server: a connection closed on a client that still sends is a broken pipe there, and the answer
/// that says what was wrong is lost.
/// </summary>
public sealed class BodyLimit(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext http)
    {
        var max = http.GetEndpoint()?.Metadata.GetMetadata<IRequestSizeLimitMetadata>()?.MaxRequestBodySize
            ?? DoorLimits.BodyBytesMax;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = max + DoorLimits.DroppedBytesMax;
        }
        if (http.Request.ContentLength > max)
        {
            throw TooLarge(max);
        }
        if (http.Request.ContentLength is null)
        {
            http.Request.Body = new BoundedStream(http.Request.Body, max, TooLarge);
        }
        return next(http);
    }

    private static BadHttpRequestException TooLarge(long max) =>
        new($"more than {max} bytes", StatusCodes.Status413PayloadTooLarge);
}

/// <summary>The largest body of a door that takes more than most.</summary>
public sealed record BodySize(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
