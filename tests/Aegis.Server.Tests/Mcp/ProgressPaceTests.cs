using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Aegis.Gate.Peers;
using Aegis.Server.Mcp;
using Aegis.Server.Tests.Support;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Aegis.Server.Tests.Mcp;

/// <summary>What goes out of progress: growing values, at a pace, and nothing after the end.</summary>
public sealed class ProgressPaceTests
{
    private readonly MemoryStream sent = new();
    private readonly ManualTime time = new();
    private readonly CancellationTokenSource cancel = new();
    private readonly McpProgress progress;

    public ProgressPaceTests() => progress = new McpProgress(
        // a line whose other side neither speaks nor leaves
        McpServer.Create(new StreamServerTransport(new Pipe().Reader.AsStream(), sent), new McpServerOptions
        {
            ServerInfo = new Implementation { Name = "test", Version = "1" },
        }), new ProgressToken("t"), time, cancel.Token);

    [Fact]
    public async Task Burst_GoesAtOnce_TheRestAtAPace_AndTheNewestIsNotLost()
    {
        for (var i = 0; i < McpProgress.BurstMax + 5; i++)
        {
            await progress.SayAsync(new CallProgress(i));
        }
        Assert.Equal(McpProgress.BurstMax, Sent().Count);
        time.Turn(McpProgress.Pace);
        await progress.SayAsync(new CallProgress(100));
        await progress.SayAsync(new CallProgress(101));
        Assert.Equal(100, Sent()[^1].GetProperty("progress").GetDouble());
        await progress.EndAsync();
        Assert.Equal((101, McpProgress.BurstMax + 2),
            (Sent()[^1].GetProperty("progress").GetDouble(), Sent().Count));
        time.Turn(TimeSpan.FromMinutes(1));
        await progress.SayAsync(new CallProgress(102));
        Assert.Equal(McpProgress.BurstMax + 2, Sent().Count);
    }

    [Fact]
    public async Task Value_ThatWouldNotGrow_IsLeftOut_OrGrowsTowardsTheNext()
    {
        await progress.SayAsync(new CallProgress(1, 3, "a"));
        await progress.SayAsync(new CallProgress(1, 3, "not told"));
        for (var i = 0; i < 20; i++)
        {
            await progress.SayAsync(new CallProgress(1, 3, "b"), below: 2);
        }
        await progress.SayAsync(new CallProgress(2, 3, "c"), below: 3);
        var values = Sent().Select(p => p.GetProperty("progress").GetDouble()).ToList();
        Assert.Equal(22, values.Count);
        Assert.Equal(values.Order().Distinct(), values);
        Assert.Equal((1, 2), (values[0], values[^1]));
        Assert.DoesNotContain(Sent(), p => p.GetProperty("message").GetString() == "not told");
    }

    [Theory]
    [InlineData(McpProgress.MessageCharsMax, 'a')]
    [InlineData(McpProgress.MessageCharsMax + 1, 'b')]
    public async Task Message_PastItsLimit_IsItsEnd(int chars, char first)
    {
        await progress.SayAsync(new CallProgress(1, Message: "a" + new string('b', chars - 1)));
        var message = Sent().Single().GetProperty("message").GetString()!;
        Assert.Equal((McpProgress.MessageCharsMax, first), (message.Length, message[0]));
    }

    [Fact]
    public async Task Cancelled_NothingIsSentAnyMore()
    {
        for (var i = 0; i <= McpProgress.BurstMax; i++)
        {
            await progress.SayAsync(new CallProgress(i));
        }
        await cancel.CancelAsync();
        await progress.EndAsync();
        Assert.Equal(McpProgress.BurstMax, Sent().Count);
    }

    private List<JsonElement> Sent() =>
        [.. Encoding.UTF8.GetString(sent.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonElement.Parse(line).GetProperty("params"))];
}
