using Aegis.Core.Catalogue;
using Aegis.Core.Profiles;
using Aegis.Core.Routing;
using Aegis.Core.Runs.Models;

namespace Aegis.Core.Tests.Routing;

public sealed class RoutePriceTests
{
    private static readonly ModelPrice Stated = new(new TokenRates(new TokenPrice(3, 15),
        new LongPrompt(1_000, new TokenPrice(6, 5), 0.6m)), 0.3m, 3.75m, null);

    [Fact]
    public void WorstCase_HoldsTheDearestOfInput_AlsoWhatIsWritten()
    {
        Assert.Equal(4.75m, new RoutePrice(3, 1, 0.3m, 3.75m).WorstCase(1_000_000, 1_000_000));
        Assert.Equal(8m, new RoutePrice(3, 1, 7).WorstCase(1_000_000, 1_000_000));
        // a mark of the client may ask for an hour
        Assert.Equal(6m, RoutePrice.Of(Stated with { Tokens = new(new TokenPrice(3, 15)) },
            PromptCache.AnthropicCacheControl)!.WorstCase(1_000_000, 0));
        Assert.Equal(3.75m, RoutePrice.Of(Stated with { Tokens = new(new TokenPrice(3, 15)) },
            PromptCache.OpenAiPrefix)!.WorstCase(1_000_000, 0));
        Assert.Null(RoutePrice.Of(new ModelPrice(null, null, null, 1), PromptCache.None));
    }

    [Fact]
    public void WorstCase_OfALongPrompt_IsTheDearestWithinItsBound()
    {
        var price = RoutePrice.Of(Stated, PromptCache.None)!;
        Assert.Equal(1_000 * 3.75m / 1_000_000, price.WorstCase(1_000, 0));
        Assert.Equal(1_001 * 7.5m / 1_000_000, price.WorstCase(1_001, 0));
        // with much output the short prompt is the dearer one, and the prompt may be short
        Assert.Equal((1_000 * 3.75m + 1_000 * 15m) / 1_000_000, price.WorstCase(1_001, 1_000));
    }

    [Theory]
    [InlineData(PromptCache.None, false)]
    [InlineData(PromptCache.AnthropicCacheControl, true)]
    public void WorstCase_IsNeverBelowWhatACallCosts(PromptCache cache, bool mayBeForAnHour)
    {
        const int Seed = 20_261_127;
        var random = new Random(Seed);
        for (var i = 0; i < 2_000; i++)
        {
            var input = random.Next(0, 2_000);
            var cached = random.Next(0, input + 1);
            var written = random.Next(0, input - cached + 1);
            var used = new ModelTokens(input, random.Next(0, 2_000), cached, written);
            var cost = CallPrice.Of(Stated, used, mayBeForAnHour ? random.Next(0, written + 1) : 0)!.Value;
            var price = RoutePrice.Of(Stated, cache)!;
            var (bound, most) = (input + random.Next(0, 500), used.Output + random.Next(0, 500));
            var worst = price.WorstCase(bound, most);
            Assert.True(worst >= cost.CostUsd,
                $"seed {Seed}, call {i}: {used} costs {cost}, reserved {worst}");
            Assert.True(price.Fits(bound, most, worst));
            Assert.False(price.Fits(bound, most, worst - 0.000_000_001m));
        }
    }

    [Fact]
    public void Expected_OfALongPrompt_TakesItsPrice()
    {
        var price = RoutePrice.Of(Stated, PromptCache.None)!;
        Assert.Equal(1_000 * 3 / 1e6, price.Expected(1_000, 0), 12);
        Assert.Equal(1_001 * 6 / 1e6, price.Expected(1_001, 0), 12);
    }
}
