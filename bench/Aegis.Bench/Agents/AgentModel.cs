using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Aegis.Bench.Agents;

/// <summary>A provider that answers an agent at once, in a process of its own. The task says what to do
/// (<c>act=noop turns=40</c>): in each turn one call, in the last one the report. The first calls of the
/// model <c>held</c> are answered when all of a crowd wait, so that its agents are there at once.</summary>
internal sealed partial class AgentModel : IAsyncDisposable
{
    public const string Name = "agents-provider";
    public const int Crowd = 100;

    private static readonly TimeSpan GatherMost = TimeSpan.FromSeconds(60);
    private readonly TaskCompletionSource gathered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WebApplication app;
    private byte[] last = [];
    private int waiting;
    private int most;

    private AgentModel(WebApplication app) => this.app = app;

    /// <summary>Says where it is, and answers until its input ends.</summary>
    public static async Task<int> ProvideAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        await using var model = new AgentModel(builder.Build());
        model.app.Run(model.AnswerAsync);
        await model.app.StartAsync();
        Console.WriteLine(model.app.Urls.Single() + "/");
        return Console.ReadLine() is null ? 0 : 1;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        if (http.Request.Method == "GET")
        {
            // the newest call, to be made directly, and how many have waited at once
            await http.Response.BodyWriter.WriteAsync(http.Request.Path == "/last" ? last
                : Encoding.UTF8.GetBytes(most.ToString(CultureInfo.InvariantCulture)));
            return;
        }
        var body = new byte[http.Request.ContentLength ?? 0];
        await http.Request.Body.ReadExactlyAsync(body);
        last = body;
        var said = body.AsSpan().Count("\"role\":\"assistant\""u8);
        if (said == 0 && body.AsSpan().IndexOf("\"model\":\"held\""u8) >= 0)
        {
            await GatherAsync();
        }
        var answer = Answer(Encoding.UTF8.GetString(body), said);
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = answer.Length;
        await http.Response.BodyWriter.WriteAsync(answer);
    }

    private async Task GatherAsync()
    {
        var now = Interlocked.Increment(ref waiting);
        most = Math.Max(most, now);
        if (now == Crowd)
        {
            gathered.TrySetResult();
        }
        await Task.WhenAny(gathered.Task, Task.Delay(GatherMost));
        Interlocked.Decrement(ref waiting);
    }

    private static byte[] Answer(string body, int said)
    {
        var task = Order().Match(body);
        var turns = int.Parse(task.Groups["turns"].Value, CultureInfo.InvariantCulture);
        object message = said + 1 >= turns
            ? new { role = "assistant", content = """{"summary": "It is done.", "files_changed": []}""" }
            : new { role = "assistant", content = "I go on.", tool_calls = new[] { Call(task, said) } };
        return JsonSerializer.SerializeToUtf8Bytes(new
        {
            id = "c", @object = "chat.completion", created = 1, model = "m",
            choices = new[]
            {
                new { index = 0, message, finish_reason = said + 1 >= turns ? "stop" : "tool_calls" },
            },
            usage = new { prompt_tokens = 120, completion_tokens = 18, total_tokens = 138 },
        });
    }

    private static object Call(Match task, int said) => new
    {
        id = $"call_{said}",
        type = "function",
        function = task.Groups["act"].Value == "write"
            ? new
            {
                name = "file__write",
                arguments = JsonSerializer.Serialize(new
                {
                    path = $"/work/part{said}.py",
                    content = string.Concat(Enumerable.Repeat($"value_{said} = 1\n", 100)),
                }),
            }
            : new { name = "flow__noop", arguments = JsonSerializer.Serialize(new { value = said }) },
    };

    [GeneratedRegex("act=(?<act>[a-z]+) turns=(?<turns>[0-9]+)")]
    private static partial Regex Order();
}
