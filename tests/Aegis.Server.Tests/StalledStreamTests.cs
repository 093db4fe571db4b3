using System.Net;
using System.Net.Sockets;
using System.Text;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests;

/// <summary>Memory is measured here, the whole process's.</summary>
[Collection(AloneServerGroup.Name)]
public sealed class StalledStreamTests(ServerFixture server)
{
    [Fact]
    public async Task Stream_WhoseClientDoesNotRead_KeepsNothingInMemory()
    {
        const int events = 600, bytes = 64 * 1024;
        var run = await server.Seed.RunAsync(server.AcmeKeys, "succeeded");
        var payload = $$"""{"text":"{{new string('x', bytes)}}"}""";
        for (var i = 1; i < events; i++)
        {
            await server.Seed.EventAsync(server.AcmeKeys, run, "TaskStarted", payload);
        }
        await server.Seed.EventAsync(server.AcmeKeys, run, "PlanCompleted", "{}");
        using var client = new TcpClient { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(IPAddress.Loopback, server.Server.Url.Port);
        var stream = client.GetStream();
        // the first request warms up what stays
        await server.SendAsync("GET", "/v1/runs?limit=1", server.AcmeKey);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /v1/runs/{run}/events HTTP/1.1\r\nHost: x\r\n"
            + $"Accept: text/event-stream\r\nAuthorization: Bearer {server.AcmeKey}\r\n\r\n"));
        await stream.ReadExactlyAsync(new byte[12]);
        // other requests pass meanwhile: the stalled stream holds no connection to the ledger
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(HttpStatusCode.OK,
                (await server.SendAsync("GET", "/v1/runs?limit=1", server.AcmeKey)).Status);
        }
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(grown < 8 * 1024 * 1024, $"{grown} bytes for a stalled stream of {events * bytes}");
        // and everything comes once it reads
        using var reader = new StreamReader(stream);
        var ids = 0;
        while (await reader.ReadLineAsync() is { } line && line != "event: end")
        {
            ids += line.StartsWith("id: ", StringComparison.Ordinal) ? 1 : 0;
        }
        Assert.Equal(events, ids);
    }
}
