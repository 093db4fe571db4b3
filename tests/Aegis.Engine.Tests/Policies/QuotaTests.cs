using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Gate.Policies;
using Aegis.Ledger.Tenants;
using Aegis.Models;
using Aegis.Tests.Shared;

namespace Aegis.Engine.Tests.Policies;

/// <summary>Quotas of a month over a real ledger.</summary>
public sealed class QuotaTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Reserve_OnTwoNodesAtOnce_NeverGoesPastTheLimit()
    {
        var by = await ByAsync("shared");
        await using Quotas one = Node(), two = Node();
        var claims = Of(10_000);
        var granted = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 12_000), async (i, cancel) =>
        {
            if (await (i % 2 == 0 ? one : two).ReserveAsync(by, claims, 1, cancel) is null)
            {
                Interlocked.Increment(ref granted);
            }
        });
        // each took half of the tries; what is left of a block on one node is not given by the other
        Assert.InRange(granted, 10_000 - 100, 10_000);
        Assert.Equal("AEGIS2508", (await two.ReserveAsync(by, claims, 101, None))!.Code);
    }

    [Fact]
    public async Task Settle_GivesBackWhatWasNotUsed()
    {
        var by = await ByAsync("settled");
        await using var node = Node();
        Assert.Null(await node.ReserveAsync(by, Of(100), 100, None));
        Assert.NotNull(await node.ReserveAsync(by, Of(100), 1, None));
        await node.SettleAsync(by, Of(100), 40);
        Assert.Null(await node.ReserveAsync(by, Of(100), 40, None));
        Assert.NotNull(await node.ReserveAsync(by, Of(100), 1, None));
    }

    [Fact]
    public async Task Reserve_OfSeveral_TakesFromAllOrNone()
    {
        var by = await ByAsync("several");
        await using var node = Node();
        ImmutableArray<QuotaClaim> both = [new("tenant several", "calls", 5), new("key:a", "calls", 2)];
        Assert.Null(await node.ReserveAsync(by, both, 2, None));
        var refused = await node.ReserveAsync(by, both, 1, None);
        Assert.Contains("key:a", refused!.Message, StringComparison.Ordinal);
        Assert.Null(await node.ReserveAsync(by, [both[0]], 3, None));
        Assert.NotNull(await node.ReserveAsync(by, [both[0]], 1, None));
    }

    [Fact]
    public async Task Node_ThatEnds_GivesItsBlockBack_AndOneThatDiesDoesNot()
    {
        var by = await ByAsync("ending");
        await using (var node = Node())
        {
            Assert.Null(await node.ReserveAsync(by, Of(1_000), 1, None));
        }
        var dead = Node();
        Assert.Null(await dead.ReserveAsync(by, Of(1_000), 999, None));
        await using var next = Node();
        Assert.NotNull(await next.ReserveAsync(by, Of(1_000), 1, None));
    }

    [Theory]
    [InlineData(Quotas.BlockMax * 100, Quotas.BlockMax)]
    [InlineData((Quotas.BlockMax * 100) + 100, Quotas.BlockMax)]
    [InlineData((Quotas.BlockMax * 100) - 100, Quotas.BlockMax - 1)]
    public async Task BlockMax_IsTheLargestBlock(long limit, long block)
    {
        var by = await ByAsync($"block{limit}");
        await using var node = Node();
        Assert.Null(await node.ReserveAsync(by, Of(limit), 1, None));
        Assert.Equal(block, await UsedAsync(by));
    }

    [Fact]
    public async Task HeldMax_IsTheLimit_AndOneMoreGivesTheOthersBack()
    {
        var by = await ByAsync("held");
        await using var node = Node();
        var (first, last) = (Of(1_000), ImmutableArray.Create(new QuotaClaim("last", "calls", 1_000)));
        Assert.Null(await node.ReserveAsync(by, first, 1, None));
        ImmutableArray<QuotaClaim> others =
            [.. Enumerable.Range(0, Quotas.HeldMax - 2).Select(i => new QuotaClaim($"{i}", "calls", 1))];
        await node.SettleAsync(by, others, 1);
        Assert.Null(await node.ReserveAsync(by, [new QuotaClaim("edge", "calls", 1_000)], 1, None));
        Assert.Equal(10, await UsedAsync(by));
        Assert.Null(await node.ReserveAsync(by, last, 1, None));
        Assert.Equal(1, await UsedAsync(by));
    }

    [Fact]
    public async Task Look_ReservesNothing_AndKnowsTheEnd()
    {
        var by = await ByAsync("look");
        await using var node = Node();
        Assert.Null(await RefusalAsync(node, by, Of(2), 2));
        Assert.Equal("AEGIS2508", (await RefusalAsync(node, by, Of(2), 3))!.Code);
        Assert.Null(await node.ReserveAsync(by, Of(2), 2, None));
        Assert.NotNull(await RefusalAsync(node, by, Of(2), 1));
    }

    /// <summary>A call that says no longest answer is taken to want TokenQuota.ReplyTokensMax of
    /// them.</summary>
    [Theory]
    [InlineData(0, true)]
    [InlineData(-1, false)]
    public async Task Tokens_WithoutALongestAnswer_ReserveReplyTokensMax(int beside, bool asked)
    {
        const string prompt = "how long?";
        var by = await ByAsync($"tokens{asked}".ToLowerInvariant());
        await using var node = Node();
        ImmutableArray<QuotaClaim> month =
            [new("project web", "tokens", prompt.Length + TokenQuota.ReplyTokensMax + beside)];
        var request = new ModelRequest([new ModelMessage("user", prompt)]);
        ModelRequest? sent = null;
        ValueTask<ModelReply> Ask(ModelRequest r)
        {
            sent = r;
            return ValueTask.FromResult(new ModelReply("ok", "p", "m", "recorded", 2, 3, 0));
        }
        if (!asked)
        {
            var refused = await Assert.ThrowsAsync<AegisException>(
                () => TokenQuota.ChatAsync(node, by, month, request, Ask, None).AsTask());
            Assert.Equal(("AEGIS2508", (ModelRequest?)null), (refused.Error.Code, sent));
            return;
        }
        await TokenQuota.ChatAsync(node, by, month, request, Ask, None);
        Assert.Equal(TokenQuota.ReplyTokensMax, sent!.MaxTokens);
        // five were used, the rest came back
        Assert.Null(await RefusalAsync(node, by, month, month[0].Limit - 5));
        Assert.NotNull(await RefusalAsync(node, by, month, month[0].Limit - 4));
    }

    private static async Task<AegisError?> RefusalAsync(
        Quotas node, Principal by, ImmutableArray<QuotaClaim> claims, long wanted) =>
        (await node.LeftAsync(by, claims, wanted, None)).Select(l => l.Refusal)
            .FirstOrDefault(r => r is not null);

    private async Task<long> UsedAsync(Principal by)
    {
        var today = TimeProvider.System.GetUtcNow();
        return await new QuotaTable(ledger.Database).UsedAsync(
            new QuotaKey((await ledger.Tenants.ResolveAsync(by.Tenancy, None))!.Value.Tenant, "tenant",
                "calls", new DateOnly(today.Year, today.Month, 1)), None);
    }

    private static ImmutableArray<QuotaClaim> Of(long limit) => [new QuotaClaim("tenant", "calls", limit)];

    private Quotas Node() => new(new QuotaTable(ledger.Database), ledger.Tenants, TimeProvider.System);

    private async Task<Principal> ByAsync(string tenant)
    {
        await ledger.CreateProjectAsync(new Tenancy(tenant, "web"));
        return new Principal("key:a", new Tenancy(tenant, "web"), []);
    }
}
