namespace Aegis.Gate.Buckets;

/// <summary>A bucket of any store that speaks S3.</summary>
/// <param name="Endpoint">The store's address, without the bucket.</param>
/// <param name="Region">What requests are signed for.</param>
/// <param name="PathStyle">The bucket stands in the path; in the host's name otherwise.</param>
public sealed record BucketPlace(Uri Endpoint, string Region, string Bucket, bool PathStyle)
{
    /// <summary>The address that is connected to.</summary>
    public Uri Address => PathStyle ? new Uri(Endpoint, $"/{Bucket}/")
        : new UriBuilder(Endpoint) { Host = $"{Bucket}.{Endpoint.Host}", Path = "/" }.Uri;
}

/// <summary>Names of the project's secrets that sign requests.</summary>
/// <param name="SessionToken">For keys that are lent for a while.</param>
public sealed record BucketSecrets(string AccessKey, string SecretKey, string? SessionToken = null);

/// <summary>What is said of an object's bytes.</summary>
public sealed record ObjectHeaders(string ContentType, string CacheControl);

/// <summary>An object of a listing.</summary>
public sealed record ListedObject(string Key, long Bytes, string Etag);
