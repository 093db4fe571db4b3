using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using Aegis.Blobs;
using Aegis.Processes;
using Aegis.Server.Auth;
using Aegis.Tools.Git;
using Microsoft.AspNetCore.Http.Features;

namespace Aegis.Server.Forge;

/// <summary>git's smart HTTP: what <c>git clone</c>, <c>fetch</c> and <c>push</c> speak. Bytes are passed
/// between the connection and git as they come; nothing is held.</summary>
internal sealed partial class SmartHttp(ForgeRepositories repositories, GitProcess git, PullBranches branches)
    : IDisposable
{
    /// <summary>A push, before it is unpacked.</summary>
    public const long PushBytesMax = 1L << 30;

    /// <summary>A fetch's list of what the client has, unpacked.</summary>
    public const long FetchBytesMax = 64L << 20;

    /// <summary>git processes of this door at once; more wait.</summary>
    public const int AtOnceMax = 16;

    private static readonly TimeSpan TimeMax = TimeSpan.FromMinutes(30);

    private static readonly ImmutableArray<string> Settings =
    [
        .. HostGit.Guards,
        "-c", "transfer.hideRefs=refs/aegis", "-c", "receive.hideRefs=refs/pull",
        "-c", "receive.fsckObjects=true", "-c", "receive.fsck.zeroPaddedFilemode=ignore",
        "-c", "receive.fsck.missingSpaceBeforeDate=ignore", "-c", "receive.unpackLimit=1",
        "-c", $"receive.maxInputSize={PushBytesMax}", "-c", "receive.autogc=false",
        "-c", "receive.advertisePushOptions=false", "-c", "uploadpack.allowFilter=true",
        "-c", "uploadpack.allowAnySHA1InWant=false",
    ];

    private readonly SemaphoreSlim running = new(AtOnceMax);

    public async Task InfoRefsAsync(HttpContext http)
    {
        var service = http.Request.Query["service"].FirstOrDefault();
        if (service is not ("git-upload-pack" or "git-receive-pack"))
        {
            await RefuseAsync(http, 403, "only smart HTTP is served: update git");
            return;
        }
        if (service == "git-receive-pack" && !http.Caller().Principal.Holds(Scopes.RepoWrite))
        {
            await RefuseAsync(http, 403, $"AEGIS6011: the key does not hold the scope {Scopes.RepoWrite}");
            return;
        }
        if (await PathAsync(http) is not { } path)
        {
            return;
        }
        Begin(http, $"application/x-{service}-advertisement");
        // with protocol 2 the banner is left out, as git's own server does
        if (!Protocol(http).Contains("version=2", StringComparison.Ordinal))
        {
            var banner = $"# service={service}\n";
            await http.Response.Body.WriteAsync(
                Encoding.ASCII.GetBytes($"{banner.Length + 4:x4}{banner}0000"), http.RequestAborted);
        }
        await PassAsync(http, [service[4..], "--stateless-rpc", "--http-backend-info-refs", path], null);
    }

    public async Task UploadPackAsync(HttpContext http)
    {
        if (await PathAsync(http) is { } path)
        {
            await ServeAsync(http, "upload-pack", path, FetchBytesMax);
        }
    }

    public async Task ReceivePackAsync(HttpContext http)
    {
        if (await PathAsync(http) is not { } path)
        {
            return;
        }
        await ServeAsync(http, "receive-pack", path, PushBytesMax);
        // the client has its answer here; that it leaves now must not keep the rows from following
        await http.Response.CompleteAsync();
        await repositories.PointHeadAsync(path, CancellationToken.None);
        await branches.LookAsync(http.ProjectKeys(), (string)http.Request.RouteValues["repo"]!, path,
            CancellationToken.None);
    }

    public void Dispose() => running.Dispose();

    private async Task ServeAsync(HttpContext http, string service, string path, long bytesMax)
    {
        if (http.Request.ContentType != $"application/x-git-{service}-request")
        {
            await RefuseAsync(http, 415, $"expected Content-Type: application/x-git-{service}-request");
            return;
        }
        var encoding = http.Request.Headers.ContentEncoding.ToString();
        if (encoding is not ("" or "identity" or "gzip" or "x-gzip"))
        {
            await RefuseAsync(http, 415, "expected Content-Encoding: gzip, or none");
            return;
        }
        await using var body = encoding.EndsWith("gzip", StringComparison.Ordinal)
            ? new GZipStream(http.Request.Body, CompressionMode.Decompress)
            : http.Request.Body;
        Begin(http, $"application/x-git-{service}-result");
        await PassAsync(http, [service, "--stateless-rpc", path], new BoundedStream(body, bytesMax));
    }

    private async Task PassAsync(HttpContext http, ImmutableArray<string> command, Stream? body)
    {
        await running.WaitAsync(http.RequestAborted);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
            limit.CancelAfter(TimeMax);
            var protocol = Protocol(http);
            var environment = ImmutableSortedDictionary<string, string>.Empty;
            await using var process = await git.StartAsync([.. Settings, .. command],
                body is null ? StdinMode.Null : StdinMode.Pipe,
                protocol.Length == 0 ? environment : environment.Add("GIT_PROTOCOL", protocol), limit.Token);
            await using var kill = limit.Token.Register(process.KillTree);
            await Task.WhenAll(FeedAsync(body, process, limit),
                AnswerAsync(process, http.Response.Body, limit),
                process.Stderr.CopyToAsync(Stream.Null, CancellationToken.None));
            await process.Exited;
        }
        catch (Exception e) when (e is InvalidDataException or BadHttpRequestException { StatusCode: 413 }
            && !http.Response.HasStarted)
        {
            http.Response.Clear();
            await RefuseAsync(http, 413, "AEGIS2205: the body is too large, or not what its encoding says");
        }
        finally
        {
            running.Release();
        }
    }

    private static async Task AnswerAsync(LaunchedProcess process, Stream to, CancellationTokenSource limit)
    {
        try
        {
            await process.Stdout.CopyToAsync(to, limit.Token);
        }
        catch
        {
            // the client is gone: git must not wait for it
            await limit.CancelAsync();
            throw;
        }
    }

    private static async Task FeedAsync(Stream? body, LaunchedProcess process, CancellationTokenSource limit)
    {
        if (body is null)
        {
            return;
        }
        try
        {
            await body.CopyToAsync(process.Stdin, limit.Token);
            await process.Stdin.DisposeAsync();
        }
        catch (IOException) when (process.Exited.IsCompleted)
        {
            // git had read enough
        }
        catch
        {
            // a cut or oversized body must not reach git as if it were whole
            await limit.CancelAsync();
            throw;
        }
    }

    private async Task<string?> PathAsync(HttpContext http)
    {
        var tenancy = http.Caller().Principal.Tenancy;
        var repo = (string)http.Request.RouteValues["repo"]!;
        if ((string)http.Request.RouteValues["project"]! == tenancy.Project
            && repositories.Has(tenancy, repo))
        {
            return repositories.Existing(tenancy, repo);
        }
        await RefuseAsync(http, 404, "AEGIS2200: no such repository in this project");
        return null;
    }

    private static void Begin(HttpContext http, string contentType)
    {
        http.Response.ContentType = contentType;
        http.Response.Headers.CacheControl = "no-cache, max-age=0, must-revalidate";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    private static string Protocol(HttpContext http)
    {
        var header = http.Request.Headers["Git-Protocol"].ToString();
        return ProtocolForm().IsMatch(header) ? header : "";
    }

    private static Task RefuseAsync(HttpContext http, int status, string words)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(words + "\n", http.RequestAborted);
    }

    [GeneratedRegex("^[a-z0-9=:._-]{1,100}$")]
    private static partial Regex ProtocolForm();
}
