using System.Net.Security;
using System.Net.Sockets;
using Aegis.Core.Policy;

namespace Aegis.Sandbox.Egress;

/// <summary>A client's connection: requests one after another, until one of them takes it for a tunnel or it
/// ends.</summary>
/// <param name="tunnel">The tunnel that was opened, and whose inside this is.</param>
internal sealed class ProxyConnection(ProxyParts parts, Stream client, EgressTarget? tunnel = null)
{
    private const int DrainBytesMax = 256 * 1024;
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(2);
    private readonly ByteSource source = new(client);

    public async Task ServeAsync(CancellationToken stop)
    {
        while (await NextAsync(stop))
        {
            await parts.Requests.TakeAsync(1, stop);
        }
    }

    /// <summary>Answers what is never read.</summary>
    public Task RefuseAsync(EgressRefusedException refused, CancellationToken stop)
    {
        var exchange = new Exchange(parts);
        exchange.Record(refused.Error.Code);
        return AnswerAsync(exchange, refused, stop);
    }

    private async Task<bool> NextAsync(CancellationToken stop)
    {
        var exchange = new Exchange(parts);
        try
        {
            if (await HeadAsync(stop) is not { } head)
            {
                return false;
            }
            var stays = await CarryAsync(exchange, ProxyRequest.Read(head, tunnel), stop);
            exchange.Record(null);
            return stays;
        }
        catch (EgressRefusedException refused)
        {
            exchange.Record(refused.Error.Code);
            await AnswerAsync(exchange, refused, stop);
            return false;
        }
        catch (Exception e) when (IsEnd(e) && exchange.Host.Length > 0)
        {
            // let through, and ended by one of the two sides or with the command
            exchange.Record(null);
            throw;
        }
    }

    /// <summary>What a connection's end looks like from here.</summary>
    public static bool IsEnd(Exception e) =>
        e is IOException or SocketException or OperationCanceledException or ObjectDisposedException;

    private async Task<HttpHead?> HeadAsync(CancellationToken stop)
    {
        try
        {
            return await TimeLimit.RunAsync(parts, parts.Limits.HeadTime, "the request's head",
                async cancel => await source.HeadAsync(EgressErrors.Malformed, cancel) is { } bytes
                    ? HttpHead.Parse(bytes.Span, EgressErrors.Malformed) : null, stop, 408);
        }
        catch (EgressRefusedException late) when (late.Status == 408 && source.IsEmpty)
        {
            // nothing was asked: a connection that was kept for later
            return null;
        }
    }

    private async Task<bool> CarryAsync(Exchange exchange, ProxyRequest request, CancellationToken stop)
    {
        (exchange.Host, exchange.Port, exchange.Method) = (request.Host, request.Port, request.Method);
        if (!request.IsTunnel)
        {
            return await new PlainExchange(parts, exchange, source, client).RunAsync(request, stop);
        }
        await new TunnelExchange(parts, exchange, source, client).RunAsync(request, stop);
        return false;
    }

    private async ValueTask EndSendingAsync()
    {
        if (client is SslStream opened)
        {
            await opened.ShutdownAsync();
        }
        else
        {
            ((NetworkStream)client).Socket.Shutdown(SocketShutdown.Send);
        }
    }

    private async Task AnswerAsync(Exchange exchange, EgressRefusedException refused, CancellationToken stop)
    {
        if (!exchange.Answered)
        {
            await client.WriteAsync(ProxyAnswer.Refusal(refused, exchange.Rule), stop);
        }
        await EndSendingAsync();
        // closed with bytes unread, a connection is reset, and the client may never see the answer
        using var timer = new CancellationTokenSource(DrainTime, parts.Options.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, stop);
        var buffer = new byte[16 * 1024];
        int read;
        for (var left = DrainBytesMax; left > 0; left -= read)
        {
            if ((read = await client.ReadAsync(buffer, both.Token)) == 0)
            {
                return;
            }
        }
    }
}
