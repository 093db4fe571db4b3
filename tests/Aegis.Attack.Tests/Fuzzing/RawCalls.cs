using System.Net.Sockets;
using System.Text;

namespace Aegis.Attack.Fuzzing;

/// <summary>Requests that no client library would send, byte for byte.</summary>
internal sealed class RawCalls(Random random, Uri server, string key)
{
    private static readonly string[] Lengths = ["-1", "+5", "5, 5", "5, 6", "0x5", "5 ", "",
        "99999999999999999999"];

    /// <summary>One request and whether its headers are such that an answer must come.</summary>
    public byte[] Next()
    {
        var head = new StringBuilder();
        head.Append(Line()).Append("\r\nHost: x\r\nAuthorization: Bearer ").Append(key).Append("\r\n");
        for (var n = random.Next(4); n > 0; n--)
        {
            head.Append(Header()).Append(random.Next(12) == 0 ? "\n" : "\r\n");
        }
        var body = random.Next(3) == 0 ? Body(head) : "";
        return Encoding.Latin1.GetBytes(head.Append("\r\n").Append(body).ToString());
    }

    /// <summary>Sends it, and reads to the end of what comes back.</summary>
    /// <param name="saysEnd">That no more comes, upon which the server answers only what it has at
    /// once.</param>
    public async Task<string> SendAsync(byte[] request, CancellationToken cancel, bool saysEnd = true)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port, cancel);
        var stream = client.GetStream();
        var answer = new MemoryStream();
        try
        {
            await stream.WriteAsync(request, cancel);
            if (saysEnd)
            {
                client.Client.Shutdown(SocketShutdown.Send);
            }
            await stream.CopyToAsync(answer, cancel);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // the server may close on what it will not read
        }
        return Encoding.Latin1.GetString(answer.ToArray());
    }

    private string Line()
    {
        var method = Pieces.Any(random, ["GET", "GET", "HEAD", "OPTIONS", "TRACE", "CONNECT", "PATCH", "get",
            "G\0T", "ПОСТ", new string('A', random.Next(1, 400))]);
        var version = Pieces.Any(
            random, ["HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/9", ""]);
        return $"{method} {Target()} {version}";
    }

    private string Target() => random.Next(9) switch
    {
        0 => "/v1/runs/" + Pieces.Any(random, ["%2e%2e/keys", "..%2fkeys", "%00", "%c0%af", "%ff", "%", "%zz",
            "a%0d%0aX:%20y", "%F0%9F%98%80", new string('r', random.Next(9_000))]),
        1 => "/v1/../v1/runs",
        2 => "//v1//runs",
        3 => "/v1/runs?" + Query(),
        4 => "http://other.example/v1/runs",
        5 => "*",
        6 => "/forge/repos/%2e%2e/%2e%2e/pulls",
        7 => "/git/web/..%2f..%2fetc.git/info/refs?service=git-upload-pack",
        _ => "/v1/runs/run_x/tasks/" + Pieces.Any(random, ["%0a", "a%2Fb", "*"]) + "/log?offset=" + Query(),
    };

    private string Query() => string.Join('&', Enumerable.Range(0, random.Next(5)).Select(_ =>
        Pieces.Any(random, ["limit", "cursor", "status", "after", "tenant_id", "project_id", "%00", "offset"])
        + "=" + Pieces.Any(random, ["-1", "201", "1e9", "%00", "%ff", "%F0%28%8C%BC", "AAAA", "LTE6cnVu", "a",
            new string('A', random.Next(3_000)), "%ED%A0%80", "", "1%20", "٣"])));

    private string Header() => random.Next(14) switch
    {
        0 => "Content-Length: " + Pieces.Any(random, Lengths),
        1 => "Transfer-Encoding: " + Pieces.Any(random, ["chunked", "chunked, chunked", "xchunked",
            "identity", "gzip"]),
        2 => "X-Aegis-Project: " + Pieces.Any(random, ["..", "a\x01b", "\xFF\xFE", new string('p', 2_000),
            ""]),
        3 => "X-Aegis-Tenant: " + Pieces.Any(random, ["other", "\xC3\xA9", "a,b", ""]),
        4 => "Authorization: Basic " + Pieces.Any(random, ["", "Og==", "%%%", new string('A', 5_000)]),
        5 => new string('H', random.Next(1, 40_000)) + ": x",
        6 => "X-Long: " + new string('v', random.Next(1, 40_000)),
        7 => " folded: x",
        8 => "No colon here",
        9 => "Bad\0Name: x",
        10 => "Accept: " + Pieces.Any(random, ["text/event-stream;q=0", "*/*;q=x", ",,,,",
            "application/\xFF"]),
        11 => "Last-Event-ID: " + Pieces.Any(random, ["-1", "999999999999999999999", "x", "\xFF", ""]),
        12 => "Content-Encoding: " + Pieces.Any(random, ["gzip", "br", "deflate, gzip"]),
        _ => "Expect: " + Pieces.Any(random, ["100-continue", "200-ok"]),
    };

    private string Body(StringBuilder head)
    {
        var chunk = Pieces.Any(random, ["5\r\nhello\r\n0\r\n\r\n", "FFFFFFFFFFFFFFFF\r\nx", "-1\r\nx\r\n",
            "5;ext=\"\r\nhello\r\n0\r\n\r\n", "5\r\nhelloXX0\r\n\r\n",
                "0\r\n\r\nGET /v1/keys HTTP/1.1\r\n\r\n"]);
        head.Append(random.Next(2) == 0 ? "Transfer-Encoding: chunked\r\n"
            : $"Content-Length: {random.Next(40)}\r\n");
        return chunk;
    }
}
