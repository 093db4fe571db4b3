using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Aegis.Core.Policy;

namespace Aegis.Sandbox.Egress;

// 1. decide on host and port; 2. connect to a judged address; 3. say 200; 4. read the client's first TLS
// message and hold its server name against the tunnel's host; 5. only then let the first byte out;
// 6. carry both ways until both have ended.
// Where the command has an authority, and a secret is bound to the place: 1. is there any entry for host and
// port; 3. and 4. as above; 5. speak TLS with the client in the host's name; 6. each request inside is judged
// and carried as one over plain HTTP is, and goes out over TLS of the proxy's own.

/// <summary>A tunnel (CONNECT): TLS that is carried unread, or opened for the sake of a bound
/// secret.</summary>
internal sealed class TunnelExchange(ProxyParts parts, Exchange exchange, ByteSource client, Stream answers)
{
    public Task RunAsync(ProxyRequest request, CancellationToken stop) =>
        parts.Authority is { } authority
            && !parts.PlaceholdersAt(new EgressTarget(request.Host, request.Port)).IsEmpty
            ? OpenAsync(request, authority, stop) : CarryAsync(request, stop);

    private async Task OpenAsync(ProxyRequest request, CommandAuthority authority, CancellationToken stop)
    {
        var place = new EgressTarget(request.Host, request.Port);
        exchange.DecidePlace(place);
        await answers.WriteAsync(ProxyAnswer.Established, stop);
        exchange.Answered = true;
        var hello = await HelloAsync(request.Host, stop);
        await using var tls = new SslStream(new HeldStream(hello, client, answers));
        try
        {
            await TimeLimit.RunAsync(parts, parts.Limits.HelloTime, "the tunnel's handshake", async cancel =>
            {
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = authority.For(request.Host),
                    ApplicationProtocols = [SslApplicationProtocol.Http11],
                }, cancel);
                return true;
            }, stop);
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            throw EgressErrors.NotTrusted(request.Host);
        }
        await new ProxyConnection(parts, tls, place).ServeAsync(stop);
    }

    private async Task CarryAsync(ProxyRequest request, CancellationToken stop)
    {
        exchange.Decide(new EgressTarget(request.Host, request.Port, request.Method));
        await using var server = await TimeLimit.RunAsync(parts, parts.Limits.ConnectTime,
            $"connecting to {request.Host}",
            cancel => exchange.ConnectAsync(request.Host, request.Port, cancel), stop);
        await answers.WriteAsync(ProxyAnswer.Established, stop);
        exchange.Answered = true;
        var hello = await HelloAsync(request.Host, stop);
        using var idle = new IdleWatch(parts.Limits.IdleTime, parts.Options.Time, stop);
        await exchange.OutAsync(hello.Length, idle.Token);
        await server.WriteAsync(hello, idle.Token);
        await BothWaysAsync(server, idle);
    }

    private async Task<ReadOnlyMemory<byte>> HelloAsync(string host, CancellationToken stop)
    {
        try
        {
            return await TimeLimit.RunAsync(parts, parts.Limits.HelloTime, "the tunnel's first TLS message",
                cancel => ReadHelloAsync(host, cancel), stop);
        }
        catch (EgressRefusedException)
        {
            await answers.WriteAsync(ProxyAnswer.TlsAlert, stop);
            throw;
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadHelloAsync(string host, CancellationToken cancel)
    {
        // a record's heads come on top of the message
        var buffer = new byte[ClientHello.BytesMax * 2];
        var count = 0;
        while (true)
        {
            var read = count < buffer.Length ? await client.ReadAsync(buffer.AsMemory(count), cancel) : 0;
            if (read == 0)
            {
                throw EgressErrors.NoTls(host, "it breaks off");
            }
            count += read;
            var reading = ClientHello.Read(buffer.AsSpan(0, count));
            if (reading.State == HelloState.Bad)
            {
                throw EgressErrors.NoTls(host, reading.Why!);
            }
            if (reading.State == HelloState.Read)
            {
                RequireName(host, reading.Name);
                return buffer.AsMemory(0, count);
            }
        }
    }

    // clients name no server where they connect to an address
    private static void RequireName(string host, string? name)
    {
        if (name is null && !IPAddress.TryParse(host, out _))
        {
            throw EgressErrors.NoTls(host, "it names no server");
        }
        if (name is not null && name != host)
        {
            throw EgressErrors.OtherName(host, name);
        }
    }

    private async Task BothWaysAsync(Stream server, IdleWatch idle)
    {
        var outwards = PumpAsync(client.ReadAsync, server, exchange.OutAsync, idle);
        var inwards = PumpAsync(server.ReadAsync, answers, exchange.InAsync, idle);
        try
        {
            // the first that fails ends the other
            await await Task.WhenAny(outwards, inwards);
            await Task.WhenAll(outwards, inwards);
        }
        finally
        {
            idle.End();
            await Task.WhenAll(outwards, inwards).ContinueWith(_ => { }, CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private static async Task PumpAsync(Func<Memory<byte>, CancellationToken, ValueTask<int>> read, Stream to,
        Func<int, CancellationToken, ValueTask> take, IdleWatch idle)
    {
        var buffer = new byte[32 * 1024];
        int count;
        while ((count = await read(buffer, idle.Token)) > 0)
        {
            idle.Touch();
            await take(count, idle.Token);
            await to.WriteAsync(buffer.AsMemory(0, count), idle.Token);
            idle.Touch();
        }
        ((NetworkStream)to).Socket.Shutdown(SocketShutdown.Send);
    }
}
