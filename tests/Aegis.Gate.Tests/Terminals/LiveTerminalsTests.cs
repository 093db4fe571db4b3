using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Gate.Terminals;

namespace Aegis.Gate.Tests.Terminals;

public sealed class LiveTerminalsTests
{
    /// <summary>All come at once: neither one too many nor one too few is taken.</summary>
    [Fact]
    public async Task Terminals_OfANode_HaveAMaximum()
    {
        var live = new LiveTerminals(TimeProvider.System);
        var tries = await Task.WhenAll(Enumerable.Range(0, LiveTerminals.TerminalsMax + 1)
            .Select(n => Task.Run(() => Record.Exception(() => live.Add(Terminal($"run_{n}"))))));
        var refused = Assert.IsType<AegisException>(Assert.Single(tries, e => e is not null));
        Assert.Contains($"{LiveTerminals.TerminalsMax}", refused.Error.Expected, StringComparison.Ordinal);
        Assert.Equal(LiveTerminals.TerminalsMax, live.Of(new Tenancy("acme", "web")).Count);
    }

    private static LiveTerminal Terminal(string run) => new(
        new CallContext(new Principal("key:a", new Tenancy("acme", "web"), []), new RunId(run), "call", 1,
            $"{run}.call.1", new PlanPolicy([], [], null, null),
            ImmutableSortedDictionary<string, string>.Empty, null, null, null, DateTimeOffset.MaxValue),
        new TerminalOrder(new SandboxCommand(["bash"]), "bash", 80, 24, false), TimeProvider.System, null,
        new CancellationTokenSource());
}
