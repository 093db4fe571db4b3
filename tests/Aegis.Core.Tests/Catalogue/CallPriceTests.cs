using Aegis.Core.Catalogue;
using Aegis.Core.Profiles;
using Aegis.Core.Runs.Models;

namespace Aegis.Core.Tests.Catalogue;

public sealed class CallPriceTests
{
    private static readonly ModelPrice Marked = new(new TokenRates(new TokenPrice(3, 15),
        new LongPrompt(200_000, new TokenPrice(6, 22.5m), 0.6m)), 0.3m, 3.75m, null);

    [Theory]
    // plain
    [InlineData(1_000, 100, 0, 0, 0, "0.0045", "0")]
    // read from the cache: 900 at a tenth
    [InlineData(1_000, 100, 900, 0, 0, "0.00207", "0.00243")]
    // written for five minutes: a quarter dearer
    [InlineData(1_000, 0, 0, 800, 0, "0.0036", "-0.0006")]
    // written for an hour: twice the input
    [InlineData(1_000, 0, 0, 800, 800, "0.0054", "-0.0024")]
    // read, written both ways, and the rest
    [InlineData(1_000, 10, 500, 300, 100, "0.00225", "0.0009")]
    // nothing
    [InlineData(0, 0, 0, 0, 0, "0", "0")]
    public void Call_WithCaches_CostsAndSavesExactly(long input, long output, long cached, long written,
        long hour, string cost, string saved)
    {
        var price = CallPrice.Of(Marked, new ModelTokens(input, output, cached, written), hour);
        Assert.Equal(new CallPrice(Number(cost), Number(saved)), price);
    }

    [Fact]
    public void Call_CostAndSaving_MakeTheCallWithoutCaches()
    {
        var used = new ModelTokens(12_345, 678, 9_000, 3_000);
        var price = CallPrice.Of(Marked, used, 1_000)!.Value;
        var plain = CallPrice.Of(Marked, new ModelTokens(12_345, 678))!.Value;
        Assert.Equal(plain.CostUsd, price.CostUsd + price.SavedUsd);
    }

    [Fact]
    public void LongPrompt_AtTheLimitAndOnePast_HasItsOwnPrices()
    {
        // what is cached counts towards the length
        var at = CallPrice.Of(Marked, new ModelTokens(200_000, 1_000, 100_000, 50_000))!.Value;
        Assert.Equal((50_000 * 3m + 100_000 * 0.3m + 50_000 * 3.75m + 1_000 * 15m) / 1_000_000, at.CostUsd);
        // a write keeps its ratio to input: 3.75 / 3 of 6
        var past = CallPrice.Of(Marked, new ModelTokens(200_001, 1_000, 100_000, 50_000))!.Value;
        Assert.Equal((50_001 * 6m + 100_000 * 0.6m + 50_000 * 7.5m + 1_000 * 22.5m) / 1_000_000,
            past.CostUsd);
        var hour = CallPrice.Of(Marked, new ModelTokens(200_001, 0, 0, 50_000), 50_000)!.Value;
        Assert.Equal((150_001 * 6m + 50_000 * 12m) / 1_000_000, hour.CostUsd);
    }

    [Fact]
    public void PricesThatNobodyStates_AreThoseOfInput_AndWithoutAnyThereIsNone()
    {
        var flat = new ModelPrice(new TokenRates(new TokenPrice(2, 8)), null, null, null);
        Assert.Equal(new CallPrice(0.0028m, 0), CallPrice.Of(flat, new ModelTokens(1_000, 100, 600, 200)));
        Assert.Null(CallPrice.Of(new ModelPrice(null, null, null, 1), new ModelTokens(1, 1)));
        Assert.Null(CallPrice.Of(null, ModelTokens.None));
    }

    [Fact]
    public void InputThatLeavesOutWhatWasCached_CountsItAllTheSame()
    {
        Assert.Equal(CallPrice.Of(Marked, new ModelTokens(900, 0, 600, 300)),
            CallPrice.Of(Marked, new ModelTokens(10, 0, 600, 300)));
    }

    [Fact]
    public void AnswerGivenAgain_CostsNothing_AndSavesWhatItCost()
    {
        var price = CallPrice.Of(Marked, new ModelTokens(1_000, 100, 900))!.Value;
        Assert.Equal(new CallPrice(0, 0.00207m), price.GivenAgain());
        Assert.Equal(new CallPrice(0.00207m, 0.0045m),
            price.GivenAgain() + new CallPrice(0.00207m, 0.00243m));
    }

    [Fact]
    public void Keeping_CostsByTimeAndTokens_NeverTooLittle()
    {
        var price = Marked with { CacheHourUsd = 4.5m };
        Assert.Equal(4.5m, CallPrice.Kept(price, 1_000_000, TimeSpan.FromHours(1)));
        Assert.Equal(0.075m, CallPrice.Kept(price, 100_000, TimeSpan.FromMinutes(10)));
        Assert.Equal(0.000000000001m, CallPrice.Kept(price, 1, TimeSpan.FromTicks(1)));
        Assert.Null(CallPrice.Kept(Marked, 1, TimeSpan.FromHours(1)));
    }

    [Theory]
    [InlineData(0, 10_000, "0.0408", "-0.0075")]
    [InlineData(10_000, 0, "0.0063", "0.027")]
    public void ExampleOfThePage_IsTrue(long cached, long written, string cost, string saved) =>
        Assert.Equal(new CallPrice(Number(cost), Number(saved)),
            CallPrice.Of(Marked, new ModelTokens(10_100, 200, cached, written)));

    private static decimal Number(string text) =>
        decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
