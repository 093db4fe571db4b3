using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Aegis.Client;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests;

[Collection(ServerGroup.Name)]
public sealed class EventDoorTests(ServerFixture server)
{
    // odd spacing and order: what is stored must come out, not what a serializer would make of it
    private const string Odd = "{ \"b\" :1.50,\n \"a\": \"\\u00e9\" }";

    [Fact]
    public async Task Page_CarriesPayloadsAsStored_AndNullOnceErased()
    {
        var run = await server.Seed.RunAsync(server.AcmeKeys);
        await server.Seed.EventAsync(server.AcmeKeys, run, "RunStarted", Odd);
        await server.Seed.EventAsync(server.AcmeKeys, run, "TaskStarted", """{"secret":1}""");
        await server.Seed.EraseAsync(run, 2);
        var (_, page) = await server.SendAsync("GET", $"/v1/runs/{run}/events", server.AcmeKey);
        var items = page.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(Odd, items[0].GetProperty("payload").GetRawText());
        Assert.Equal("null", items[1].GetProperty("payload").GetRawText());
        Assert.Equal(
            (2, false), (page.GetProperty("next").GetInt32(), page.GetProperty("ended").GetBoolean()));
        var (_, rest) = await server.SendAsync(
            "GET", $"/v1/runs/{run}/events?after=1&limit=1", server.AcmeKey);
        Assert.Equal(2, rest.GetProperty("items")[0].GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task Stream_IsLive_EndsWithTheRun_AndSendsEachEventOnce()
    {
        var run = await server.Seed.RunAsync(server.AcmeKeys);
        await server.Seed.EventAsync(server.AcmeKeys, run, "RunStarted", Odd);
        using var client = Client();
        var seen = new List<RunEvent>();
        var following = Task.Run(async () =>
        {
            await foreach (var fact in client.FollowEventsAsync(run))
            {
                seen.Add(fact);
            }
        });
        await server.Engine.RunDeskScript.WaitsAt(run, 1).WaitAsync(TimeSpan.FromSeconds(60));
        await server.Seed.EventAsync(server.AcmeKeys, run, "TaskStarted", """{"step_id":"build"}""");
        server.Engine.Wake(run);
        await server.Engine.RunDeskScript.WaitsAt(run, 2).WaitAsync(TimeSpan.FromSeconds(60));
        await server.Seed.EventAsync(server.AcmeKeys, run, "PlanCompleted", "{}");
        server.Engine.Wake(run);
        await following.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal([(1, "RunStarted"), (2, "TaskStarted"), (3, "PlanCompleted")],
            seen.Select(e => (e.Version, e.Type)));
        Assert.Equal(0, server.Server.Parts.OpenStreams.Count);
    }

    [Fact]
    public async Task Stream_ResumesAfterLastEventId_AndIsSseByTheLetter()
    {
        var run = await server.Seed.RunAsync(server.AcmeKeys, "failed");
        await server.Seed.EventAsync(server.AcmeKeys, run, "RunStarted", "{}");
        await server.Seed.EventAsync(server.AcmeKeys, run, "RunFailed", "{\"reason\":\n\"x\"}");
        using var request = server.Request("GET", $"/v1/runs/{run}/events", server.AcmeKey);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        request.Headers.Add("Last-Event-ID", "1");
        using var reply = await server.Http.SendAsync(request);
        Assert.Equal("text/event-stream", reply.Content.Headers.ContentType!.MediaType);
        Assert.Equal("""
            : open

            id: 2
            data: {"version":2,"type":"RunFailed","at":"2026-01-02T03:04:07+00:00","payload":{"reason":
            data: "x"}}

            event: end
            id: 2
            data: {}


            """.ReplaceLineEndings("\n"), await reply.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Stream_OfAnEndedRun_AfterItsLastEvent_EndsAtOnce()
    {
        var run = await server.Seed.RunAsync(server.AcmeKeys, "cancelled");
        await server.Seed.EventAsync(server.AcmeKeys, run, "RunStarted", "{}");
        await server.Seed.EventAsync(server.AcmeKeys, run, "RunCancelled", "{}");
        await server.Seed.EventAsync(server.AcmeKeys, run, "PayloadErased", "{}");
        using var client = Client();
        await foreach (var fact in client.FollowEventsAsync(run, 3))
        {
            Assert.Fail($"{fact}");
        }
    }

    [Fact]
    public async Task Stream_OfAnUnknownRun_IsAProblemAndNotAStream()
    {
        using var client = Client();
        var refused = await Assert.ThrowsAsync<AegisApiException>(async () =>
        {
            await foreach (var _ in client.FollowEventsAsync("run_none"))
            {
            }
        });
        Assert.Equal("AEGIS6020", refused.Problem.Code);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("99999999999")]
    public async Task Stream_MalformedLastEventId_IsRefused(string id)
    {
        var run = await server.Seed.RunAsync(server.AcmeKeys);
        using var request = server.Request("GET", $"/v1/runs/{run}/events", server.AcmeKey);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        request.Headers.TryAddWithoutValidation("Last-Event-ID", id);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.SendAsync(request)).Status);
    }

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

    private AegisClient Client() => new(server.Server.Url.ToString(), server.AcmeKey);
}
