using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Aegis.Sandbox.Egress;

/// <summary>Carries a server's answer to the client.</summary>
/// <param name="mask">Covers what the proxy put into requests; null where it put nothing.</param>
internal sealed partial class AnswerRelay(Exchange exchange, Stream server, Stream client, IdleWatch idle,
    EchoMask? mask)
{
    /// <summary>Heads with a status of 1xx before the answer's own.</summary>
    public const int InterimMax = 8;

    private readonly ByteSource source = new(server);

    /// <param name="sent">Whether the whole request is out.</param>
    /// <returns>Whether the client's connection can serve another request.</returns>
    public async Task<bool> CopyAsync(ProxyRequest request, Func<bool> sent)
    {
        var (head, status) = await HeadAsync(request.Host);
        var framing = BodyFraming.OfAnswer(head, request.Method, status, request.Host);
        var stays = framing.Kind != BodyKind.UntilClose && !WantsClose(request.Head) && sent();
        exchange.Answered = true;
        await client.WriteAsync(Written(head, request.Host, framing, stays), idle.Token);
        await new BodyRelay(source, client, bytes => exchange.InAsync(bytes, idle.Token),
            Malformed(request.Host), idle, mask).CopyAsync(framing);
        return stays;
    }

    private async Task<(HttpHead Head, int Status)> HeadAsync(string host)
    {
        var malformed = Malformed(host);
        for (var interim = 0; interim <= InterimMax; interim++)
        {
            var bytes = await source.HeadAsync(malformed, idle.Token)
                ?? throw EgressErrors.BadAnswer(host, "there is none");
            idle.Touch();
            await exchange.InAsync(bytes.Length, idle.Token);
            var head = HttpHead.Parse(bytes.Span, malformed);
            var match = StatusLine().Match(head.Start);
            if (!match.Success || match.Groups[1].Value == "101")
            {
                throw EgressErrors.BadAnswer(host, "its first line");
            }
            var status = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            if (status >= 200)
            {
                return (head, status);
            }
        }
        throw EgressErrors.BadAnswer(host, $"more than {InterimMax} heads come before it");
    }

    private byte[] Written(HttpHead head, string host, BodyFraming framing, bool stays)
    {
        var text = new StringBuilder("HTTP/1.1").Append(Masked(head.Start["HTTP/1.1".Length..]))
            .Append("\r\n");
        foreach (var field in HopHeaders.GoingOn(head, Malformed(host)))
        {
            text.Append(field.Name).Append(": ").Append(Masked(field.Value)).Append("\r\n");
        }
        if (framing.Kind == BodyKind.Chunked)
        {
            text.Append("Transfer-Encoding: chunked\r\n");
        }
        text.Append(stays ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n");
        return Encoding.Latin1.GetBytes(text.ToString());
    }

    private string Masked(string text) => mask?.InHeader(text) ?? text;

    private static bool WantsClose(HttpHead head) => head.Members("Connection")
        .Concat(head.Members("Proxy-Connection")).Contains("close", StringComparer.OrdinalIgnoreCase);

    private static Func<string, string, EgressRefusedException> Malformed(string host) =>
        (why, _) => EgressErrors.BadAnswer(host, why);

    [GeneratedRegex(@"^HTTP/1\.[01] ([1-5][0-9]{2})( .*)?\z")]
    private static partial Regex StatusLine();
}
