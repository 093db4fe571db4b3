using System.Collections.Immutable;
using Aegis.Core.Runs.Models;

namespace Aegis.Core.Tests.Runs.Models;

public sealed class ModelUsageTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 2, 23, 59, 59, TimeSpan.Zero);

    [Fact]
    public void Keys_AtTheLimit_AreToldApart_AndOnePastIt_LosesNothing()
    {
        var usage = Enumerable.Range(0, ModelUsage.KeysMax)
            .Aggregate(ModelUsage.None, (u, i) => With(u, Call($"alias{i}", "a")));
        Assert.Equal(ModelUsage.KeysMax, usage.Totals.Count);
        Assert.DoesNotContain(usage.Totals.Keys, k => k.Asked == ModelUsageKey.Others);

        usage = With(With(With(usage, Call("one more", "b")), Call("another", null)), Call("alias0", "a"));
        Assert.Equal(ModelUsage.KeysMax + 2, usage.Totals.Count);
        Assert.Equal(2, usage.Totals.Where(t => t.Key.Asked == ModelUsageKey.Others).Sum(t => t.Value.Calls));
        Assert.Equal(ModelUsage.KeysMax + 3, usage.Totals.Values.Sum(t => t.Calls));
        Assert.Equal((ModelUsage.KeysMax + 3) * 0.000000000001m, usage.Totals.Values.Sum(t => t.CostUsd));
    }

    [Theory]
    [InlineData(ModelUsageKey.TextCharsMax, ModelUsageKey.TextCharsMax)]
    [InlineData(ModelUsageKey.TextCharsMax + 1, ModelUsageKey.TextCharsMax)]
    public void Text_PastTheLimit_IsCut(int length, int kept)
    {
        var text = new string('x', length);
        Assert.Equal(text[..kept], ModelUsageKey.Of("s", Call(text, null), At).Asked);
        Assert.Equal(text[..kept], ModelUsageKey.Of("s", Call("a", text), At).Agent);
    }

    [Fact]
    public void Text_IsNeverWhatADatabaseRefuses_NorHalfACharacter()
    {
        Assert.Equal("a\uFFFDb\uFFFD", ModelUsageKey.Of("s", Call("a\0b\ud83d", null), At).Asked);
        var wide = new string('x', ModelUsageKey.TextCharsMax - 1) + "\ud83d\ude00";
        Assert.Equal(wide[..^2], ModelUsageKey.Of("s", Call(wide, null), At).Asked);
    }

    [Fact]
    public void Digest_TellsApartWhatDiffers_AndAgentsThatAreNone()
    {
        var keys = new[] { Call("a", null), Call("a", "-"), Call("a", ""), Call("a", "b"), Call("ab", null) }
            .Select(c => ModelUsageKey.Of("s", c, At)).ToList();
        keys.Add(ModelUsageKey.Of("s", Call("a", null), At.AddSeconds(1)));
        Assert.Equal(keys.Count, keys.Select(k => k.Digest()).Distinct().Count());
        Assert.Equal(keys[0].Digest(), ModelUsageKey.Of("s", Call("a", null), At.AddHours(-1)).Digest());
    }

    [Fact]
    public void Model_IsWhatWasChosen_WhateverItsProviderCallsIt() => Assert.Equal("catalogued",
        ModelUsageKey.Of("s", Call("a", null) with { Chosen = "catalogued" }, At).Model);

    [Fact]
    public void Since_IsWhatChanged()
    {
        var before = With(With(ModelUsage.None, Call("a", null)), Call("b", null));
        Assert.Empty(before.Since(before));
        var after = With(before, Call("a", null));
        Assert.Equal("a", Assert.Single(after.Since(before)).Key.Asked);
        Assert.Equal(2, Assert.Single(after.Since(before)).Value.Calls);
    }

    private static ModelUsage With(ModelUsage usage, ModelUse use) => usage.With("s", [use], At);

    private static ModelUse Call(string asked, string? agent) => new(asked, "general", agent, "here",
        "small", "live", ModelUse.Answered, new ModelTokens(1, 1), 0.000000000001m, 0, 10);
}
