using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Gate.Terminals;
using Aegis.Tests.Shared;

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

    [Fact]
    public void Terminal_WithoutAnOwner_LivesToItsLimit()
    {
        var time = new ManualClock();
        using var closing = new CancellationTokenSource();
        using var terminal = Terminal("run_1", time, closing);
        time.Advance(LiveTerminal.DetachedMax - TimeSpan.FromTicks(1));
        Assert.False(closing.IsCancellationRequested);
        time.Advance(TimeSpan.FromTicks(1));
        Assert.True(closing.IsCancellationRequested);
    }

    [Fact]
    public void Terminal_ThatIsOwned_LivesOn_AndItsTimeBeginsAnewWhenTheOwnerLeaves()
    {
        var time = new ManualClock();
        using var closing = new CancellationTokenSource();
        using var terminal = Terminal("run_1", time, closing);
        time.Advance(LiveTerminal.DetachedMax / 2);
        using (terminal.Own(null))
        {
            time.Advance(LiveTerminal.DetachedMax * 2);
            Assert.False(closing.IsCancellationRequested);
        }
        time.Advance(LiveTerminal.DetachedMax - TimeSpan.FromTicks(1));
        Assert.False(closing.IsCancellationRequested);
        time.Advance(TimeSpan.FromTicks(1));
        Assert.True(closing.IsCancellationRequested);
    }

    private static LiveTerminal Terminal(string run, TimeProvider? time = null,
        CancellationTokenSource? closing = null) => new(
        new CallContext(new Principal("key:a", new Tenancy("acme", "web"), []), new RunId(run), "call", 1,
            $"{run}.call.1", new PlanPolicy([], [], null, null),
            ImmutableSortedDictionary<string, string>.Empty, null, null, null, DateTimeOffset.MaxValue),
        new TerminalOrder(new SandboxCommand(["bash"]), "bash", 80, 24, false), time ?? TimeProvider.System,
        null, closing ?? new CancellationTokenSource());
}
