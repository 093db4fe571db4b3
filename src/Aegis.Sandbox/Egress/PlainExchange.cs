using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Aegis.Core.Policy;

namespace Aegis.Sandbox.Egress;

// 1. a secret that is bound to the place makes it TLS; 2. decide on host, port, method and path; 3. open the
// secrets that the request names, each use recorded; 4. connect to a judged address, for this request alone:
// no answer can be taken for another's; 5. write the head anew; 6. the body goes out while the answer comes
// in; 7. the client's connection serves the next request only where both bodies have ended.

/// <summary>A request that can be read: over plain HTTP, or inside a tunnel that was opened.</summary>
internal sealed class PlainExchange(ProxyParts parts, Exchange exchange, ByteSource client, Stream answers)
{
    private const int HttpPort = 80;
    private const int HttpsPort = 443;
    private PlaceholderSwap swap = PlaceholderSwap.None;
    private EchoMask? mask;

    /// <summary>Whether the client's connection can serve another request.</summary>
    public async Task<bool> RunAsync(ProxyRequest request, CancellationToken stop)
    {
        var secure = new EgressTarget(request.Host,
            request.Port == HttpPort && !request.IsOpened ? HttpsPort : request.Port);
        var placeholders = parts.PlaceholdersAt(secure);
        var isSecure = request.IsOpened || !placeholders.IsEmpty;
        exchange.Port = isSecure ? secure.Port : request.Port;
        exchange.Decide(new EgressTarget(request.Host, exchange.Port, request.Method, request.Path));
        await SwapAsync(request, secure, placeholders, stop);
        var head = Head(request, isSecure);
        mask = new EchoMask(parts.Opened, swap.Credentials) is { IsEmpty: false } covers ? covers : null;
        await using var server = await TimeLimit.RunAsync(parts, parts.Limits.ConnectTime,
            $"connecting to {request.Host}", cancel => OpenAsync(request.Host, isSecure, cancel), stop);
        using var idle = new IdleWatch(parts.Limits.IdleTime, parts.Options.Time, stop);
        try
        {
            return await CarryAsync(request, head, server, idle);
        }
        catch (OperationCanceledException) when (idle.IsOver)
        {
            throw EgressErrors.TooSlow($"the exchange with {request.Host}", idle.Limit);
        }
        catch (IOException)
        {
            throw EgressErrors.NotReached(request.Host, "the connection broke off");
        }
    }

    private async ValueTask SwapAsync(ProxyRequest request, EgressTarget place,
        ImmutableArray<string> placeholders, CancellationToken cancel)
    {
        var secrets = ImmutableArray.CreateBuilder<BoundSecret>();
        foreach (var placeholder in PlaceholderSwap.Named(request, placeholders))
        {
            if (await parts.OpenAsync(placeholder, place, cancel) is { } secret)
            {
                secrets.Add(secret.CanStand ? secret : throw EgressErrors.BadSecret(request.Host));
            }
        }
        swap = new PlaceholderSwap(secrets.ToImmutable());
    }

    private async Task<bool> CarryAsync(ProxyRequest request, byte[] head, Stream server, IdleWatch idle)
    {
        var sending = SendAsync(request, head, server, idle);
        var receiving = new AnswerRelay(exchange, server, answers, idle, mask).CopyAsync(request,
            () => sending.IsCompletedSuccessfully);
        try
        {
            // a server may answer and close before it has read everything: its answer goes first
            if (await Task.WhenAny(sending, receiving) == sending
                && sending.Exception?.InnerException is EgressRefusedException)
            {
                await sending;
            }
            return await receiving && sending.IsCompletedSuccessfully;
        }
        finally
        {
            idle.End();
            await Task.WhenAll(sending, receiving).ContinueWith(_ => { }, CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private async Task SendAsync(ProxyRequest request, byte[] head, Stream server, IdleWatch idle)
    {
        await exchange.OutAsync(head.Length, idle.Token);
        await server.WriteAsync(head, idle.Token);
        if (request.Body.Kind == BodyKind.None)
        {
            return;
        }
        if (request.Head.Values("Expect").Any())
        {
            await answers.WriteAsync(ProxyAnswer.Continue, idle.Token);
        }
        await new BodyRelay(client, server, bytes => exchange.OutAsync(bytes, idle.Token),
            EgressErrors.Malformed, idle).CopyAsync(request.Body);
    }

    private byte[] Head(ProxyRequest request, bool isSecure)
    {
        if (request.Head.Values("Expect").Any(e => !e.Equals("100-continue",
            StringComparison.OrdinalIgnoreCase)))
        {
            throw EgressErrors.Malformed("the header Expect", "100-continue");
        }
        var host = exchange.Port == (isSecure ? HttpsPort : HttpPort) ? request.Host
            : $"{request.Host}:{exchange.Port}";
        // an answer that is packed cannot be searched for what it sends back
        var unpacked = isSecure
            && !parts.PlaceholdersAt(new EgressTarget(request.Host, exchange.Port)).IsEmpty;
        var head = new StringBuilder().Append(request.Method).Append(' ')
            .Append(swap.InQuery(request.Target)).Append(" HTTP/1.1\r\nHost: ")
            .Append(host).Append("\r\n");
        foreach (var field in HopHeaders.GoingOn(request.Head, EgressErrors.Malformed)
            .Where(field => !field.Is("Host") && !field.Is("Expect")
                && !(unpacked && field.Is("Accept-Encoding"))))
        {
            head.Append(field.Name).Append(": ").Append(swap.InValue(field.Value)).Append("\r\n");
        }
        if (unpacked)
        {
            head.Append("Accept-Encoding: identity\r\n");
        }
        if (request.Body.Kind == BodyKind.Chunked)
        {
            head.Append("Transfer-Encoding: chunked\r\n");
        }
        return Encoding.Latin1.GetBytes(head.Append("Connection: close\r\n\r\n").ToString());
    }

    private async ValueTask<Stream> OpenAsync(string host, bool secure, CancellationToken cancel)
    {
        var plain = await exchange.ConnectAsync(host, exchange.Port, cancel);
        if (!secure)
        {
            return plain;
        }
        var tls = new SslStream(plain);
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = host,
                CertificateChainPolicy = parts.Options.TrustedRoots is { } roots ? Trusting(roots) : null,
            }, cancel);
            return tls;
        }
        catch (Exception e)
        {
            await tls.DisposeAsync();
            if (e is AuthenticationException or IOException)
            {
                throw EgressErrors.NotReached(host, "TLS failed (certificate, name or protocol)");
            }
            throw;
        }
    }

    private static X509ChainPolicy Trusting(X509Certificate2Collection roots)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }
}
