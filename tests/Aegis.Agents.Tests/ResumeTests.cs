using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Aegis.Agents.Tests.Support;
using Aegis.Core.Runs.Events;
using Aegis.Gate;
using Aegis.Tests.Shared;

namespace Aegis.Agents.Tests;

/// <summary>A node dies at each turn boundary and within each turn: the loop ends as if it had not, and no
/// model is asked twice for a turn but for the call that was in flight.</summary>
public sealed class ResumeTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private const int Turns = 3;
    private readonly string home = Directory.CreateTempSubdirectory("aegis-agents-").FullName;

    [Theory]
    [InlineData(1, "ask")]
    [InlineData(2, "ask")]
    [InlineData(3, "ask")]
    [InlineData(1, "call")]
    [InlineData(2, "call")]
    public async Task Kill_AtATurn_EndsTheSame_AndAsksNoModelTwice(int turn, string where)
    {
        var model = new Model();
        await using var server = new ChatServer(model.AnswerAsync);
        var tenancy = await AgentRoom.ProjectAsync(ledger, $$"""
            providers: { here: { base_url: "{{server.Url}}", locality: local } }
            models: { coding: { provider: here, model: m } }
            agents: { builder: { tools: [file.write, file.read, test.hold] } }
            """);
        var held = (where == "ask" ? model.Asks : HoldTool.Calls).GetOrAdd(
            where == "ask" ? $"{turn}" : $"{tenancy.Project}{turn}", _ => new Hold());
        held.IsOn = true;
        var first = await AgentRoom.StartAsync(ledger, tenancy, home, new HoldTool(tenancy.Project));
        var run = await first.StartRunAsync(Words.Workflow(more: """
              - id: look
                uses: file.read
                with: { path: /work/a.txt }
            """));
        await held.Entered.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await first.AbandonAsync();
        held.IsOn = false;
        held.Released.SetResult();
        await first.DisposeAsync();

        await using var second = await AgentRoom.StartAsync(
            ledger, tenancy, home, new HoldTool(tenancy.Project));
        Assert.Equal("PlanCompleted", await second.EndAsync(run));
        var facts = await second.FactsAsync(run);
        Assert.Equal("12", facts.OfType<TaskCompleted>().Single(t => t.StepId == "look").Output);
        Assert.Equal(["build.0", "build.1", "build.2"], facts.OfType<ModelReplied>().Select(r => r.StepId));
        Assert.Equal(Enumerable.Range(1, Turns).Select(t => t == turn && where == "ask" ? 2 : 1),
            Enumerable.Range(1, Turns).Select(t => model.Count(t)));
        var (outputs, _) = await second.StepAsync(run, "build");
        Assert.Equal((3, true), (outputs!.Value.GetProperty("turns").GetInt32(),
            outputs.Value.GetProperty("done").GetBoolean()));
    }

    /// <summary>Where a test waits for somebody to come by, and keeps him.</summary>
    private sealed class Hold
    {
        public bool IsOn { get; set; }

        public TaskCompletionSource Entered { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Released { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task PassAsync(CancellationToken cancel)
        {
            if (IsOn)
            {
                Entered.TrySetResult();
                await Released.Task.WaitAsync(cancel);
            }
        }
    }

    /// <summary>Says the words of a turn by how many came before it, as a model that is asked again
    /// would.</summary>
    private sealed class Model
    {
        private readonly ConcurrentDictionary<int, int> counts = new();

        public ConcurrentDictionary<string, Hold> Asks { get; } = new();

        public int Count(int turn) => counts.GetValueOrDefault(turn);

        public async Task AnswerAsync(ChatServer server, HttpListenerContext context)
        {
            var turn = 1 + server.Requests.Last().Body.GetProperty("messages").EnumerateArray()
                .Count(m => m.GetProperty("role").GetString() == "assistant");
            counts.AddOrUpdate(turn, 1, (_, n) => n + 1);
            if (Asks.TryGetValue($"{turn}", out var hold))
            {
                await hold.PassAsync(CancellationToken.None);
            }
            await server.SendAsync(context, 200, Said(turn));
        }

        private static string Said(int turn) => JsonSerializer.Serialize(new
        {
            id = "c",
            @object = "chat.completion",
            created = 1,
            model = "m",
            choices = new object[]
            {
                new
                {
                    index = 0,
                    finish_reason = turn == Turns ? "stop" : "tool_calls",
                    message = turn == Turns ? (object)new { role = "assistant", content = Words.Report }
                        : new { role = "assistant", content = "I write.", tool_calls = new[]
                        {
                            Tool("file__write",
                                new { path = "/work/a.txt", content = $"{turn}", append = true }),
                            Tool("test__hold", new { turn }),
                        } },
                },
            },
            usage = new { prompt_tokens = 10, completion_tokens = 5, total_tokens = 15 },
        });

        private static object Tool(string name, object input) => new
        {
            id = name,
            type = "function",
            function = new { name, arguments = JsonSerializer.Serialize(input) },
        };
    }

    private sealed record HoldInput(int Turn);

    private sealed class HoldTool(string project) : Tool<HoldInput>
    {
        public static ConcurrentDictionary<string, Hold> Calls { get; } = new();

        public override ToolDescriptor Descriptor { get; } = new("test.hold", "tools:test",
            ToolEffect.Idempotent, "A test's act.");

        protected override async ValueTask<ToolResult> InvokeAsync(
            HoldInput input, Execution execution, CancellationToken cancel)
        {
            if (Calls.TryGetValue($"{project}{input.Turn}", out var hold))
            {
                await hold.PassAsync(cancel);
            }
            return new ToolResult(true, "held");
        }
    }
}
