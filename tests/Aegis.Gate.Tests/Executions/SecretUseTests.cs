using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Gate.Logs;
using Aegis.Gate.Redaction;
using Aegis.Ledger.Secrets;
using Aegis.Sandbox;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aegis.Gate.Tests.Executions;

public sealed class SecretUseTests : IDisposable
{
    private const string Value = "hunter2-of-acme";
    private readonly List<SecretAsk> asked = [];
    private readonly string root = Directory.CreateTempSubdirectory("aegis-gate-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public async Task Secret_OfTheRunsTenancy_IsMaskedInLogAndAnswerOfThatCall()
    {
        var (outcome, log) = await CallAsync("acme", "token");

        Assert.Equal(("got *** of token", true), (outcome.Result.Text, outcome.Result.Ok));
        Assert.Equal("""{"value":"***"}""", outcome.Result.Outputs!.Value.GetRawText());
        Assert.Equal("before\nvalue ***\n", log);
        Assert.Equal([new SecretAsk(new Tenancy("acme", "web"), "token",
            new SecretUse("key:a", "test.ask", null, "run_1", "ask"), null)], asked);
    }

    [Theory]
    [InlineData("rival", "token")]
    [InlineData("acme", "other")]
    public async Task Secret_OfAnotherTenancyOrName_IsNotThere(string tenant, string name)
    {
        var (outcome, _) = await CallAsync(tenant, name);
        Assert.Equal($"got nothing of {name}", outcome.Result.Text);
    }

    private async Task<(CallOutcome Outcome, string Log)> CallAsync(string tenant, string name)
    {
        var logs = new CallLogs(Path.Combine(root, "logs"));
        using var http = new HttpClient();
        // the tool of this test reaches for nothing but a secret and its log
        var parts = new ExecutionParts(null!, null!, logs, null!, http, new ExecutionOptions(root, [],
            ImmutableSortedDictionary<string, string>.Empty, SandboxLimits.Default, () => null, _ => "", []),
            Redactor.None)
        {
            Secret = (ask, _) =>
            {
                asked.Add(ask);
                return ValueTask.FromResult(
                    ask.Tenancy == new Tenancy("acme", "web") && ask.Name == "token" ? Value : null);
            },
        };
        var gate = new Gate(new ToolCatalogue([new AskingTool()]), new ExecutionFactory(parts),
            NullLogger<Gate>.Instance);
        var principal = new Principal("key:a", new Tenancy(tenant, "web"), ["tools:*"]);
        var context = new CallContext(principal, new RunId("run_1"), "ask", 1, "run_1.ask.1.1",
            new PlanPolicy([], [], null, null), ImmutableSortedDictionary<string, string>.Empty, null,
                null, null,
            DateTimeOffset.MaxValue);
        var input = JsonSerializer.SerializeToElement(new { name });
        var outcome = await gate.InvokeAsync(new GateCall("test.ask", input, context), new NoJournal(),
            default);
        var text = new System.Text.StringBuilder();
        await foreach (var piece in logs.Reader.ReadAsync(outcome.Log!, 0))
        {
            text.Append(System.Text.Encoding.UTF8.GetString(piece.Span));
        }
        return (outcome, text.ToString());
    }

    private sealed record AskInput(string Name);

    private sealed class AskingTool : Tool<AskInput>
    {
        public override ToolDescriptor Descriptor { get; } =
            new("test.ask", "tools:test", ToolEffect.Pure, "asks for a secret");

        protected override async ValueTask<ToolResult> InvokeAsync(AskInput input, Execution execution,
            CancellationToken cancel)
        {
            execution.Log("before");
            var value = await execution.SecretAsync(input.Name, null, cancel) ?? "nothing";
            execution.Log($"value {value}");
            return new ToolResult(true, $"got {value} of {input.Name}",
                JsonSerializer.SerializeToElement(new { value }));
        }
    }

    private sealed class NoJournal : ICallJournal
    {
        public ValueTask<AegisError?> CalledAsync(string tool, ToolEffect effect, string? rule) =>
            new((AegisError?)null);
    }
}
