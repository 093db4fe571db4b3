using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Agents;

namespace Aegis.Agents.Tests;

/// <summary>The guards, as the pure functions that they are.</summary>
public sealed class GuardTests
{
    private static readonly AgentLimits Limits = new(3, 100, 1, TimeSpan.FromMinutes(1), 2, 4_000);

    [Fact]
    public void Action_IsTheSame_WhateverTheOrderOfMembers_AndDiffersByResult()
    {
        var one = LoopGuard.Action("t", JsonElement.Parse("""{"a": 1, "b": [{"c": 2, "d": 3}]}"""), "r");
        Assert.Equal(one,
            LoopGuard.Action("t", JsonElement.Parse("""{"b":[{"d":3,"c":2}],"a":1}"""), "r"));
        Assert.NotEqual(one, LoopGuard.Action("t", JsonElement.Parse("""{"a": 1, "b": []}"""), "r"));
        Assert.NotEqual(one, LoopGuard.Action("t",
            JsonElement.Parse("""{"a": 1, "b": [{"c": 2, "d": 3}]}"""), "other"));
    }

    [Fact]
    public void Circle_AtTwoIsFine_AtThreeIsTold_AndEndsWhenToldBefore()
    {
        Assert.Equal(LoopVerdict.Fine, LoopGuard.Judge([Turn("x")], [Call("x")]));
        Assert.True(LoopGuard.Judge([Turn("x"), Turn("x")], [Call("x")]).Nudge);
        var told = Turn("x") with { Note = "stop", NoteKind = TurnRecord.Nudge };
        Assert.Equal("AEGIS2604", LoopGuard.Judge([Turn("x"), Turn("x"), told], [Call("x")]).End?.Code);
        // something else after it is fine, whatever was before
        Assert.Equal(LoopVerdict.Fine, LoopGuard.Judge([Turn("x"), Turn("x"), told], [Call("y")]));
    }

    [Theory]
    [InlineData(2, 99, 0.99, 59, null)]
    [InlineData(3, 0, 0, 0, "AEGIS2603")]
    [InlineData(1, 100, 0, 0, "AEGIS2605")]
    [InlineData(1, 0, 1, 0, "AEGIS2606")]
    [InlineData(1, 0, 0, 60, "AEGIS2607")]
    public void Cap_IsReachedAtIt(int turns, long tokens, double cost, int seconds, string? code)
    {
        var earlier = Enumerable.Range(0, turns).Select(i => Turn("x") with
        {
            Tokens = i == 0 ? tokens : 0,
            CostUsd = i == 0 ? (decimal)cost : 0,
        }).ToList();
        Assert.Equal(code, LoopGuard.Spent(earlier, TimeSpan.FromSeconds(seconds), Limits)?.Code);
    }

    /// <summary>Whatever comes: it fits, what is pinned is whole, it comes out the same again, and every call
    /// keeps its result.</summary>
    [Fact]
    public void Compaction_KeepsTheBudgetAndEverythingPinned()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("AEGIS_TEST_SEED"), out var given) ? given
            : Environment.TickCount;
        var chance = new Random(seed);
        var (cut, dropped) = (0, 0);
        for (var i = 0; i < 500; i++)
        {
            ImmutableArray<ContextSection> sections = [.. new[] { "spec", "plan", "vaccines", "failures",
                "notes", "map" }.Select(n => new ContextSection(n, Text(chance, 6_000)))];
            ImmutableArray<TurnRecord> turns = [.. Enumerable.Range(1, chance.Next(1, 40)).Select(t =>
                new TurnRecord("a", t, Text(chance, 3_000), [.. Enumerable.Range(0, chance.Next(0, 5))
                    .Select(c => new MadeCall($"c{t}_{c}", "file__read",
                        JsonSerializer.Serialize(new { t = Text(chance, 4_000) }), true,
                        Text(chance, 16_000), "h"))], null, null, "scripted", 1, 0))];
            var budget = chance.Next(24_000, 90_000);
            var fit = Compaction.Fit(2_000, sections, turns, budget);
            Assert.True(fit.Error is null, $"seed {seed}, {i}: {fit.Error}");
            Assert.True(2_000 + fit.Sections.Sum(s => Compaction.Tokens(s.Text))
                + fit.Turns.Sum(Compaction.Size) <= budget, $"seed {seed}, {i}");
            Assert.Equal(sections.Where(s => Compaction.Pinned.Contains(s.Name)),
                fit.Sections.Where(s => Compaction.Pinned.Contains(s.Name)));
            Assert.Equal(sections.Select(s => s.Name), fit.Sections.Select(s => s.Name));
            Assert.Equal(turns.Select(t => t.Turn).Skip(fit.Dropped), fit.Turns.Select(t => t.Turn));
            Assert.All(fit.Turns.SelectMany(t => t.Calls), c => Assert.Equal(
                JsonValueKind.Object, JsonElement.Parse(c.Arguments).ValueKind));
            Assert.Equal(Json(fit), Json(Compaction.Fit(2_000, sections, turns, budget)));
            cut += fit.Dropped == 0 && Json(fit) != Json(new Compacted(sections, turns, 0, null)) ? 1 : 0;
            dropped += fit.Dropped > 0 ? 1 : 0;
        }
        Assert.True(cut > 10 && dropped > 10, $"seed {seed}: {cut} cut, {dropped} dropped");
    }

    [Fact]
    public void Compaction_WhatIsPinnedAndTooLong_IsAnError_AndOneTokenLessIsNot()
    {
        ImmutableArray<ContextSection> sections = [new("spec", new string('s', 3_000))];
        var needed = 100 + Compaction.Tokens(sections[0].Text) + Compaction.Tokens("spec") + 8;
        Assert.Null(Compaction.Fit(100, sections, [], needed).Error);
        Assert.Equal("AEGIS2609", Compaction.Fit(100, sections, [], needed - 1).Error?.Code);
    }

    [Fact]
    public void Cut_KeepsHeadTailAndHash_AndNoHalfOfACharacter()
    {
        var text = "begin " + string.Concat(Enumerable.Repeat("\ud83d\ude00", 1_000)) + " end";
        for (var chars = 130; chars < 300; chars++)
        {
            var cut = CutText.Of(text, chars);
            Assert.True(cut.Length <= chars);
            Assert.StartsWith("begin", cut);
            Assert.EndsWith("end", cut);
            Assert.Contains(CutText.Hash(text), cut);
            Assert.Equal(cut, System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(cut)));
        }
        Assert.Same(text, CutText.Of(text, text.Length));
    }

    private static string Json(Compacted fit) => JsonSerializer.Serialize(fit);

    private static string Text(Random chance, int charsMax) =>
        new((char)('a' + chance.Next(26)), chance.Next(charsMax));

    private static TurnRecord Turn(string action) =>
        new("a", 1, "", [Call(action)], null, null, "scripted", 1, 0.01m);

    private static MadeCall Call(string action) => new("c", "t", "{}", true, "r", action);
}
