using System.Text.Json;
using Aegis.Core.Prices;
using Aegis.Tests.Shared;

namespace Aegis.Core.Tests.Prices;

public sealed class PriceListTests
{
    [Fact]
    public void Shipped_HoldsTheSamplesModelWithItsPageAndDay()
    {
        var listed = PriceList.BuiltIn.Listed("blackbox", "o3-mini")!;
        Assert.Equal(("openai", false, 1.10m, 4.40m, 0.55m, 100_000), (listed.Seller, listed.IsOwn,
            listed.Price.Tokens.InputUsd, listed.Price.Tokens.OutputUsd, listed.Price.CachedInputUsd,
            listed.Price.OutputTokensMax));
        Assert.Equal(listed.Price, PriceList.BuiltIn.At(new Uri("https://api.openai.com/v1"), "o3-mini"));
        Assert.All(PriceList.BuiltIn.Providers.Values.SelectMany(p => p.Models.Values),
            m => Assert.InRange(m.Read, new DateOnly(2026, 1, 1), new DateOnly(2100, 1, 1)));
        Assert.Null(PriceList.BuiltIn.Listed("openai", "claude-opus-4-6"));
        Assert.Null(PriceList.BuiltIn.At(new Uri("https://models.example"), "o3-mini"));
    }

    [Fact]
    public void List_WithManyFaults_NamesEachAtItsPlace()
    {
        var read = PriceListParser.Parse("""
            providers:
              a:
                host: api.example
                models:
                  one: { input: 1, output: 2, read: 2026-01-02 }
                  two: { input: 1, output: 2, source: "http://x", read: 2026-01-02 }
                  three: { input: 1, output: -2, source: "https://x", read: yesterday }
                  four: { output: 2, source: "https://x", read: 2026-01-02, colour: red }
              b: { host: api.example, models: {} }
              c: { host: "not a host", models: {} }
            """, "m.yaml");
        Assert.Null(read.Value);
        Assert.Equal(
            ["1:1 2422", "5:12 2420", "6:43 2420", "7:34 2314", "7:65 2421", "8:13 2315", "8:65 2313",
                "10:14 2314"],
            read.Errors.Select(e => $"{e.At.Line}:{e.At.Column} {e.Error.Code["AEGIS".Length..]}"));
    }

    [Theory]
    [InlineData("the price list", "{ nonsense: 1 }", "properties")]
    [InlineData("providers.a", "providers: { a: { host: h.x, nonsense: 1 } }",
        "properties/providers/additionalProperties/properties")]
    [InlineData("providers.a.models.m", "providers: { a: { host: h.x, models: { m: { input: 1, output: 1, "
        + "source: 'https://x', read: 2026-01-02, nonsense: 1 } } } }", "$defs/price/properties")]
    public void Schema_KnowsTheParsersKeys(string where, string yaml, string path)
    {
        var error = Assert.Single(PriceListParser.Parse(yaml, "m").Errors).Error;
        Assert.Equal($"unknown key nonsense in {where}", error.Message);
        var schema = JsonElement.Parse(
            File.ReadAllText(Path.Combine(GeneratedFile.Root, "contracts/models.schema.json")));
        Assert.Equal(error.Expected!.Split(", ").Order(), path.Split('/')
            .Aggregate(schema, (at, name) => at.GetProperty(name)).EnumerateObject().Select(p => p.Name)
                .Order());
    }

    [Fact]
    public void List_AtItsLimits_IsReadAndNotBeyond()
    {
        var longest = new string('m', PriceListParser.ModelNameMax);
        string Yaml(string name) => $"providers: {{ a: {{ host: h.example, models: {{ {name}: "
            + "{ input: 0, output: 0, source: \"https://x\", read: 2026-01-02 } } } }";
        Assert.True(PriceListParser.Parse(Yaml(longest), "m").Ok);
        Assert.False(PriceListParser.Parse(Yaml(longest + "m"), "m").Ok);
        var padded = Yaml("m") + "\n#";
        Assert.True(PriceListParser.Parse(padded.PadRight(PriceListParser.CharsMax, 'x'), "m").Ok);
        Assert.False(PriceListParser.Parse(padded.PadRight(PriceListParser.CharsMax + 1, 'x'), "m").Ok);
    }
}
