using System.Net;
using System.Net.Http.Headers;
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
        await server.Server.Parts.OpenStreams.EmptyAsync();
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

    private AegisClient Client() => new(server.Server.Url.ToString(), server.AcmeKey);
}
