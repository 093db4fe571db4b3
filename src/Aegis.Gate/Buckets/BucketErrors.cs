using Aegis.Core.Errors;
using Amazon.S3;

namespace Aegis.Gate.Buckets;

/// <summary>What goes wrong with buckets; meanings are in contracts/errors/deploy.yaml. What the store says
/// is never shown: it repeats keys and what was signed.</summary>
internal static class BucketErrors
{
    public static AegisException Of(BucketPlace place, Exception e) => e switch
    {
        AegisException aegis => aegis,
        AmazonS3Exception { ErrorCode: "NoSuchBucket" } => new(new AegisError("AEGIS2676",
            $"there is no bucket {place.Bucket} at {place.Endpoint.Host}", "a bucket that is there", null,
            "make it, or correct bucket and endpoint")),
        AmazonS3Exception { ErrorCode: "InvalidAccessKeyId" or "SignatureDoesNotMatch" or "AccessDenied"
            or "ExpiredToken" or "InvalidToken" or "Forbidden" or "AllAccessDisabled" } denied =>
            new(new AegisError("AEGIS2675",
                $"{place.Endpoint.Host} refuses the credentials for {place.Bucket}",
                "keys that may list, read, write and delete there", denied.ErrorCode,
                "store the right ones with aegis secret set; check the region")),
        AmazonS3Exception { StatusCode: System.Net.HttpStatusCode.Forbidden } => new(new AegisError(
            "AEGIS2675", $"{place.Endpoint.Host} refuses the credentials for {place.Bucket}",
            "keys that may list, read, write and delete there", "403",
            "store the right ones with aegis secret set; check the region")),
        AmazonS3Exception other => Broke(place, Plain(other.ErrorCode) ?? $"status {(int)other.StatusCode}"),
        _ => e.InnerException is { } inner and not AegisException && e is Amazon.Runtime.AmazonClientException
            ? Of(place, inner) : e.InnerException is AegisException refused ? refused
            : Broke(place, e.GetType().Name),
    };

    public static AegisException Broke(BucketPlace place, string got) => new(new AegisError("AEGIS2677",
        $"{place.Bucket} at {place.Endpoint.Host} did not do what was asked", "an answer of S3", got,
        "try again: what was sent is not sent twice, and what was shown before is shown still"));

    public static AegisException TooMany(BucketPlace place, int max) => new(new AegisError("AEGIS2677",
        $"{place.Bucket} holds too many objects below the prefix", $"at most {max}", null,
        "give the site a prefix of its own"));

    public static AegisException TooLong(BucketPlace place, long max) => new(new AegisError("AEGIS2677",
        $"an object of {place.Bucket} that describes a release is too long", $"at most {max} bytes", null,
        "give the site a prefix of its own"));

    // a code is a word; anything else may be a page of somebody's proxy
    private static string? Plain(string? code) =>
        code is { Length: > 0 and <= 60 } && code.All(char.IsAsciiLetterOrDigit) ? code : null;
}
