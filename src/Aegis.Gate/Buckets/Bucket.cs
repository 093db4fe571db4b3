using System.Collections.Immutable;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Aegis.Gate.Buckets;

/// <summary>A bucket that a call may use, with keys that nobody sees. Every call throws
/// <see cref="Core.Errors.AegisException"/> where the store, the way there or the policy does not let
/// it.</summary>
public sealed class Bucket : IDisposable
{
    private const int RetriesMax = 3;
    private static readonly TimeSpan CallMax = TimeSpan.FromMinutes(10);

    private readonly BucketPlace place;
    private readonly AmazonS3Client client;

    internal Bucket(BucketPlace place, BucketSecrets values, BucketWay way)
    {
        this.place = place;
        AWSCredentials keys = values.SessionToken is { } token
            ? new SessionAWSCredentials(values.AccessKey, values.SecretKey, token)
            : new BasicAWSCredentials(values.AccessKey, values.SecretKey);
        client = new AmazonS3Client(keys, new AmazonS3Config
        {
            ServiceURL = place.Endpoint.GetLeftPart(UriPartial.Authority),
            AuthenticationRegion = place.Region,
            ForcePathStyle = place.PathStyle,
            HttpClientFactory = way,
            MaxErrorRetry = RetriesMax,
            Timeout = CallMax,
            // stores that are not Amazon's know neither trailing checksums nor chunks that are signed
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        });
    }

    /// <summary>Everything below a prefix, by key.</summary>
    /// <param name="countMax">More is an error.</param>
    public async Task<ImmutableSortedDictionary<string, ListedObject>> ListAsync(
        string prefix, int countMax, CancellationToken cancel)
    {
        var found = ImmutableSortedDictionary.CreateBuilder<string, ListedObject>(StringComparer.Ordinal);
        var ask = new ListObjectsV2Request { BucketName = place.Bucket, Prefix = prefix };
        while (true)
        {
            var page = await AskAsync(() => client.ListObjectsV2Async(ask, cancel), cancel);
            foreach (var entry in page.S3Objects ?? [])
            {
                found[entry.Key] = new ListedObject(entry.Key, entry.Size ?? 0, Bare(entry.ETag));
            }
            if (found.Count > countMax)
            {
                throw BucketErrors.TooMany(place, countMax);
            }
            if (page.IsTruncated != true)
            {
                return found.ToImmutable();
            }
            ask.ContinuationToken = page.NextContinuationToken;
        }
    }

    /// <summary>A small object; null where there is none.</summary>
    public async Task<byte[]?> ReadAsync(string key, int bytesMax, CancellationToken cancel)
    {
        try
        {
            using var answer = await client.GetObjectAsync(
                new GetObjectRequest { BucketName = place.Bucket, Key = key }, cancel);
            using var whole = new MemoryStream();
            var buffer = new byte[64 * 1024];
            int read;
            while ((read = await answer.ResponseStream.ReadAsync(buffer, cancel)) > 0)
            {
                whole.Write(buffer, 0, read);
                if (whole.Length > bytesMax)
                {
                    throw BucketErrors.TooLong(place, bytesMax);
                }
            }
            return whole.ToArray();
        }
        catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchKey")
        {
            return null;
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            throw BucketErrors.Of(place, e);
        }
    }

    /// <param name="content">Can seek: a try that broke off begins again.</param>
    public Task PutAsync(string key, Stream content, ObjectHeaders headers, CancellationToken cancel) =>
        AskAsync(() =>
        {
            var put = new PutObjectRequest
            {
                BucketName = place.Bucket, Key = key, InputStream = content, AutoCloseStream = false,
                ContentType = headers.ContentType, UseChunkEncoding = false,
            };
            put.Headers.CacheControl = headers.CacheControl;
            return client.PutObjectAsync(put, cancel);
        }, cancel);

    /// <summary>Within the bucket; the answer is the new object's ETag.</summary>
    public async Task<string> CopyAsync(
        string from, string to, ObjectHeaders headers, CancellationToken cancel)
    {
        var copy = new CopyObjectRequest
        {
            SourceBucket = place.Bucket, SourceKey = from, DestinationBucket = place.Bucket,
            DestinationKey = to, MetadataDirective = S3MetadataDirective.REPLACE,
            ContentType = headers.ContentType,
        };
        copy.Headers.CacheControl = headers.CacheControl;
        return Bare((await AskAsync(() => client.CopyObjectAsync(copy, cancel), cancel)).ETag);
    }

    /// <summary>One that is not there is no error.</summary>
    public Task DeleteAsync(string key, CancellationToken cancel) => AskAsync(() =>
        client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = place.Bucket, Key = key }, cancel),
        cancel);

    public void Dispose() => client.Dispose();

    private async Task<T> AskAsync<T>(Func<Task<T>> ask, CancellationToken cancel)
    {
        try
        {
            return await ask();
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            throw BucketErrors.Of(place, e);
        }
    }

    private static string Bare(string? etag) => etag?.Trim('"') ?? "";
}
