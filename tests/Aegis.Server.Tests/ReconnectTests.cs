using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Aegis.Client;

namespace Aegis.Server.Tests;

/// <summary>The SDK against a server that breaks off: nothing is lost, nothing comes twice.</summary>
public sealed class ReconnectTests
{
    private const string Head =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";

    [Fact]
    public async Task Follow_BrokenInTheMiddle_ResumesByLastEventId()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var asked = new List<string?>();
        var serving = Task.Run(async () =>
        {
            // a whole event and half of the next; then a repeated one, as a careless proxy would; then the
            // end
            await ServeAsync(listener, asked, Head + Event(1) + Event(2)[..20]);
            await ServeAsync(
                listener, asked, "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            await ServeAsync(
                listener, asked, Head + Event(1) + Event(2) + Event(3) + "event: end\nid: 3\ndata: {}\n\n");
        });
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var client = new AegisClient($"http://127.0.0.1:{port}", "k");
        var seen = new List<int>();
        await foreach (var fact in client.FollowEventsAsync("run_1"))
        {
            seen.Add(fact.Version);
        }
        await serving;
        Assert.Equal([1, 2, 3], seen);
        Assert.Equal(["0", "1", "1"], asked);
    }

    [Fact]
    public async Task EventsCommand_Following_GoesOnWhereItBrokeOff()
    {
        const string run = """
            {"run_id":"run_1","plan_id":"p","name":"n","status":"running","actor":"a",
            "tasks_total":0,"tasks_done":0,"cost_usd":0,"created_at":"2026-01-01T00:00:00Z",
            "updated_at":"2026-01-01T00:00:00Z","tasks":[]}
            """;
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var asked = new List<string?>();
        var serving = Task.Run(async () =>
        {
            await ServeAsync(listener, asked, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                + $"Content-Length: {run.Length}\r\nConnection: close\r\n\r\n{run}");
            await ServeAsync(listener, asked, Head + Event(1) + Event(2)[..20]);
            await ServeAsync(listener, asked, Head + Event(2) + "event: end\nid: 2\ndata: {}\n\n");
        });
        using var output = new StringWriter();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await Cli.CommandLine.InvokeAsync(["events", "run_1", "--follow", "--json"],
            new Cli.Terminal(output, output, false, 110, name => name switch
            {
                "AEGIS_URL" => $"http://127.0.0.1:{port}",
                "AEGIS_KEY" => "k",
                _ => null,
            }), CancellationToken.None);
        await serving;
        Assert.Equal([1, 2], output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => JsonElement.Parse(l).GetProperty("version").GetInt32()));
        Assert.Equal([null, "0", "1"], asked);
    }

    [Fact]
    public async Task Follow_NobodyThere_GivesUpAfterItsLimit()
    {
        using var client = new AegisClient("http://127.0.0.1:1", "k") { ReconnectsMax = 1 };
        await Assert.ThrowsAsync<AegisUnreachableException>(async () =>
        {
            await foreach (var _ in client.FollowEventsAsync("run_1"))
            {
            }
        });
    }

    [Fact]
    public async Task Call_AnswerWithoutProblemDocument_IsStillARefusal()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = Task.Run(async () => await ServeAsync(listener, [],
            "HTTP/1.1 418 Teapot\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"));
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var client = new HaasClient($"http://127.0.0.1:{port}", "k", "t", "p");
        var refused = await Assert.ThrowsAsync<AegisApiException>(() => client.GetVersionAsync());
        await serving;
        Assert.Equal(((HttpStatusCode)418, "AEGIS7000"), (refused.Status, refused.Problem.Code));
    }

    private static string Event(int version) =>
        $"id: {version}\ndata: {{\"version\":{version},\"type\":\"T\","
        + "\"at\":\"2026-01-01T00:00:00Z\",\"payload\":{}}\n\n";

    private static async Task ServeAsync(TcpListener listener, List<string?> asked, string answer)
    {
        using var client = await listener.AcceptTcpClientAsync();
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.ASCII, false, 1024, leaveOpen: true);
        string? last = null;
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
        {
            last = line.StartsWith("Last-Event-ID: ", StringComparison.OrdinalIgnoreCase) ? line[15..] : last;
        }
        asked.Add(last);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));
    }
}
