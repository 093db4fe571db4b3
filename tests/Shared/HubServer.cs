using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Aegis.Tests.Shared;

/// <summary>A request as the hub got it.</summary>
public sealed record HubRequest(string Target, IReadOnlyDictionary<string, string> Headers)
{
    public string? Authorization => Headers.GetValueOrDefault("authorization");

    /// <summary>The first byte that was asked for.</summary>
    public long From => Headers.TryGetValue("range", out var range)
        ? long.Parse(range["bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture) : 0;
}

/// <summary>What the hub sends.</summary>
/// <param name="SentBytes">The body is cut after so many bytes; null sends it whole.</param>
public sealed record HubAnswer(int Status, byte[] Body, string Headers = "", int? SentBytes = null)
{
    public static HubAnswer Json(object value) => new(200, JsonSerializer.SerializeToUtf8Bytes(value));

    public static HubAnswer Redirect(string location, string more = "") =>
        new(302, [], $"Location: {location}\r\n{more}");
}

/// <summary>A real HTTP server on loopback, with or without TLS, that speaks as much of the hub's protocol as
/// a test tells it to. It stays out of the way of what it is asked, and remembers it.</summary>
public sealed class HubServer : IAsyncDisposable
{
    private readonly LoopbackPort port = new();
    private readonly X509Certificate2? certificate;
    private readonly Task serving;

    public HubServer(bool tls = false)
    {
        if (tls)
        {
            (Authority, certificate) = TestCertificates.For("localhost");
        }
        serving = ServeAsync();
    }

    public X509Certificate2? Authority { get; }

    public Uri Url => new(certificate is null ? $"http://127.0.0.1:{port.Number}"
        : $"https://localhost:{port.Number}");

    /// <summary>Files by repository and path.</summary>
    public Dictionary<string, Dictionary<string, byte[]>> Repositories { get; } = [];

    /// <summary>Holds an answer back until it completes.</summary>
    public Func<HubRequest, Task> Until { get; set; } = _ => Task.CompletedTask;

    /// <summary>Answers in place of the hub's own; null for its own.</summary>
    public Func<HubRequest, HubAnswer?> Instead { get; set; } = _ => null;

    public ConcurrentQueue<HubRequest> Asked { get; } = new();

    /// <summary>Those for the bytes of files.</summary>
    public IEnumerable<HubRequest> FileRequests => Asked.Where(r => r.Target.Contains("/resolve/"));

#pragma warning disable CA5350 // git names commits and blobs by SHA-1
    public static string Commit(string repository) =>
        Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(repository)));

    private static string Blob(byte[] content) => Convert.ToHexStringLower(
        SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content]));
#pragma warning restore CA5350

    public static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Bytes that no other seed gives.</summary>
    public static byte[] Bytes(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>A file's bytes from where they are asked for.</summary>
    public static HubAnswer File(byte[] content, HubRequest request, int? sent = null)
    {
        var from = request.From;
        return from == 0 ? new(200, content, SentBytes: sent)
            : new(206, content[(int)from..],
                $"Content-Range: bytes {from}-{content.Length - 1}/{content.Length}\r\n", sent);
    }

    public HubServer Has(string repository, string path, byte[] content)
    {
        (Repositories.TryGetValue(repository, out var files) ? files : Repositories[repository] = [])[path] =
            content;
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        port.Dispose();
        await serving;
        certificate?.Dispose();
        Authority?.Dispose();
    }

    private HubAnswer Own(HubRequest request)
    {
        var path = Uri.UnescapeDataString(request.Target.Split('?')[0]);
        if (path == "/api/models")
        {
            var query = Uri.UnescapeDataString(request.Target.Split("search=")[1].Split('&')[0]);
            return HubAnswer.Json(Repositories.Keys.Where(r => r.Contains(query)).Select(r => new
            {
                id = r, downloads = 7, likes = 3, pipeline_tag = "text-generation", gated = false,
                lastModified = "2026-01-02T03:04:05.000Z",
            }));
        }
        foreach (var (repository, files) in Repositories)
        {
            if (path.StartsWith($"/api/models/{repository}/revision/", StringComparison.Ordinal))
            {
                return HubAnswer.Json(new
                {
                    id = repository, sha = Commit(repository), siblings = files.Select(Sibling),
                });
            }
            var resolve = $"/{repository}/resolve/{Commit(repository)}/";
            if (path.StartsWith(resolve, StringComparison.Ordinal)
                && files.TryGetValue(path[resolve.Length..], out var content))
            {
                return File(content, request);
            }
        }
        return new(404, []);
    }

    // as the hub: large files have their SHA-256, git's own their blob
    private static object Sibling(KeyValuePair<string, byte[]> file) => file.Key.EndsWith(".json")
        ? new { rfilename = file.Key, size = file.Value.Length, blobId = Blob(file.Value) }
        : new
        {
            rfilename = file.Key, size = file.Value.Length, blobId = new string('0', 40),
            lfs = new { sha256 = Sha256(file.Value), size = file.Value.Length, pointerSize = 134 },
        };

    private async Task ServeAsync()
    {
        var open = new List<Task>();
        while (await port.NextAsync() is { } client)
        {
            open.Add(OneAsync(client));
        }
        await Task.WhenAll(open);
    }

    private async Task OneAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await using var stream = await OpenAsync(client);
                var request = Parse(await RequestHead.ReadAsync(stream, port.Stopped));
                Asked.Enqueue(request);
                await Until(request).WaitAsync(port.Stopped);
                var answer = Instead(request) ?? Own(request);
                await stream.WriteAsync(Encoding.Latin1.GetBytes($"HTTP/1.1 {answer.Status} said\r\n"
                    + $"Content-Length: {answer.Body.Length}\r\nConnection: close\r\n{answer.Headers}\r\n"),
                    port.Stopped);
                await stream.WriteAsync(
                    answer.Body.AsMemory(0, answer.SentBytes ?? answer.Body.Length), port.Stopped);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException
                or AuthenticationException)
            {
                // the client went away, or the test is over
            }
        }
    }

    private async Task<Stream> OpenAsync(TcpClient client)
    {
        if (certificate is null)
        {
            return client.GetStream();
        }
        var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsServerAsync(certificate);
        return tls;
    }

    private static HubRequest Parse(string head)
    {
        var lines = head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        return new(lines[0].Split(' ')[1], lines.Skip(1).Select(l => l.Split(": ", 2))
            .ToDictionary(l => l[0].ToLowerInvariant(), l => l[1]));
    }
}

internal static class RequestHead
{
    /// <summary>Up to the end of a head.</summary>
    public static async Task<string> ReadAsync(Stream stream, CancellationToken cancel)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one, cancel);
            head.Append((char)one[0]);
        }
        return head.ToString();
    }
}
