using System.Text.Json;
using Aegis.Core.Profiles;
using Aegis.Core.Rehearsals;
using Aegis.Gate;
using Aegis.Models;
using Aegis.Models.Calls;
using Aegis.Tools.Models;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Models;

public sealed class LlmChatTests
{
    private static readonly LlmChat Tool = new();

    [Fact]
    public async Task Chat_Rehearsed_AnswersWithItsOriginAndCost()
    {
        using var execution = new ModelExecution("""
            origin: scripted
            turns:
              - {match: {contains: Resume}, reply: el plan, input_tokens: 12, output_tokens: 3, cost_usd: 0.5}
            """);
        var result = await Tool.CallAsync(execution,
            new { provider = "blackbox", model = "o3-mini", prompt = "Resume issue y plan" });
        result.MustWork();
        Assert.Equal("el plan", result.Text);
        Assert.Equal("{\"provider\":\"blackbox\",\"model\":\"o3-mini\",\"origin\":\"scripted\","
            + "\"input_tokens\":12,\"output_tokens\":3,\"cost_usd\":0.5}", result.OutputsText());
        Assert.Contains("(scripted)", Assert.Single(execution.Logged), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_WholeConversation_IsPassedOn()
    {
        using var execution = new ModelExecution("""
            origin: recorded
            turns: [{role: builder, turn: 2, match: {equals: second}, reply: ok, cost_usd: 0}]
            """);
        var result = await Tool.CallAsync(execution, new
        {
            role = "builder",
            turn = 2,
            messages = new[]
            {
                new { role = "system", content = "be brief" }, new { role = "user", content = "first" },
                new { role = "assistant", content = "yes" }, new { role = "user", content = "second" },
            },
        });
        Assert.Equal("recorded", result.MustWork().Output("origin").GetString());
        Assert.Equal(4, execution.Asked.Single().Messages.Length);
    }

    [Fact]
    public async Task Chat_NotRehearsedOrTooDear_Fails()
    {
        using var execution = new ModelExecution("""
            origin: scripted
            turns: [{match: {equals: a}, reply: b, cost_usd: 9}]
            """, left: 8.99m);
        (await Tool.CallAsync(execution, new { prompt = "other" })).MustFail("AEGIS2332");
        var dear = await Tool.CallAsync(execution, new { prompt = "a" });
        dear.MustFail("AEGIS2341");
        Assert.Equal(0, dear.CostUsd);
    }

    [Theory]
    [InlineData("""{"prompt":"how long?"}""", 9 + 16 + 4_000)]
    [InlineData("""{"prompt":"how long?","max_tokens":7}""", 9 + 16 + 7)]
    [InlineData("""{"protocol":"openai","body":{"model":"m","messages":[],"max_tokens":7}}""", 2 + 7)]
    public void TokensMax_IsOfThePromptsBytes_AndOfTheLongestAnswer(string input, long most) =>
        Assert.Equal(most, Tool.TokensMax(JsonDocument.Parse(input).RootElement));

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"prompt":"a","messages":[{"role":"user","content":"b"}]}""")]
    [InlineData("""{"messages":[]}""")]
    [InlineData("""{"messages":[{"role":"tool","content":"b"}]}""")]
    [InlineData("""{"prompt":"a","temperature":2.1}""")]
    [InlineData("""{"prompt":"a","max_tokens":0}""")]
    [InlineData("""{"prompt":"a","streams":true}""")]
    public void Check_WrongInput_IsRefusedAtPlanTime(string input) =>
        Assert.Equal("AEGIS2001", Tool.Check(JsonDocument.Parse(input).RootElement)?.Code);

    [Fact]
    public void Check_PromptAtTheLimitAndPast()
    {
        Assert.Null(Tool.Check(JsonSerializer.SerializeToElement(
            new { prompt = new string('x', 512 * 1024) })));
        Assert.NotNull(Tool.Check(JsonSerializer.SerializeToElement(
            new { prompt = new string('x', 512 * 1024 + 1) })));
    }

    /// <summary>An Execution with a real model door behind it and nothing else.</summary>
    private sealed class ModelExecution(string rehearsal, decimal? left = null) : Execution, IDisposable
    {
        private readonly ModelDoor _door = new(_ => null);

        public override CallContext Context { get; } =
            Contexts.Of("run_1", "plan") with { BudgetLeftUsd = left };

        public List<string> Logged { get; } = [];

        public List<ModelRequest> Asked { get; } = [];

        public override string ScratchDirectory => throw new NotSupportedException();

        public override ValueTask<ModelReply> ChatAsync(ModelRequest request, CancellationToken cancel)
        {
            Asked.Add(request);
            return _door.ChatAsync(new ModelCaller(Context.Principal.Tenancy,
                Profile.Empty with { Rehearsal = "r.yaml" }, RehearsalFile.Parse(rehearsal, "r.yaml").Value,
                null, left is { } cap ? new CapPurse(cap) : null), request, cancel);
        }

        public override void Log(string text) => Logged.Add(text);

        public void Dispose() => _door.Dispose();

        public override ValueTask<CommandResult> SandboxAsync(SandboxCommand command,
            CancellationToken cancel) =>
            throw new NotSupportedException();

        public override ValueTask<CommandResult> HostAsync(HostCommand command, CancellationToken cancel) =>
            throw new NotSupportedException();

        public override ValueTask<ForgeReply> ForgeAsync(ForgeRequest request, CancellationToken cancel) =>
            throw new NotSupportedException();

        public override ValueTask<HttpReply> HttpAsync(HttpCall call, CancellationToken cancel) =>
            throw new NotSupportedException();
    }
}
