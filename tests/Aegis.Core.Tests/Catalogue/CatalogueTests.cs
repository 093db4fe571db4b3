using System.Text.Json;
using Aegis.Core.Catalogue;
using Aegis.Core.Profiles;
using Aegis.Tests.Shared;

namespace Aegis.Core.Tests.Catalogue;

public sealed class CatalogueTests
{
    private const string Head = "base_url: https://api.example/v1, protocol: openai, "
        + "auth: { kind: bearer, secret: KEY }, locality: remote, source: 'https://x', read: 2026-01-02";

    private const string Model = "kinds: [chat], source: 'https://x', read: 2026-01-02";

    [Fact]
    public void Catalogue_WithManyFaults_NamesEachAtItsPlace()
    {
        var read = CatalogueParser.Parse("""
            providers:
              a:
                base_url: http://api.example/v1
                protocol: openai
                auth: { kind: header, secret: KEY }
                locality: remote
                headers: { Authorization: "x" }
                read: 2026-01-02
                models:
                  one: { kinds: [chat], usd: { input: 1, output: 2 }, read: 2026-01-02 }
                  two: { kinds: [chat], usd: { input: 1 }, source: "https://x", read: yesterday }
                  three: { kinds: [chatter], source: "http://x", read: 2026-01-02 }
                  four: { usd: { output: 2 }, source: "https://x", read: 2026-01-02, colour: red }
              b: { models: {} }
              c: { base_url: "https://{x", protocol: soap, auth: { kind: none, secret: sk-abcdef },
                   locality: remote, source: "https://x", read: 2026-01-02 }
            """, "m.yaml", ModelCatalogue.None);
        Assert.Null(read.Value);
        Assert.Equal(
            ["3:5 2420", "3:15 2314", "5:11 2314", "7:31 2314", "10:12 2420", "11:34 2315", "11:75 2421",
                "12:24 2314", "12:42 2420", "13:13 2315", "13:20 2315", "13:74 2313", "14:6 2353",
                "15:18 2314", "15:42 2314", "15:76 2314"],
            read.Errors.Select(e => $"{e.At.Line}:{e.At.Column} {e.Error.Code["AEGIS".Length..]}"));
        Assert.All(read.Errors, e => Assert.DoesNotContain("sk-abcdef", e.ToString(),
            StringComparison.Ordinal));
        Assert.All(read.Errors, e => Assert.DoesNotContain("profile.md", e.Error.Mend ?? "",
            StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("the catalogue", "{ nonsense: 1 }", "properties")]
    [InlineData("providers.a", "providers: { a: { <head>, nonsense: 1 } }", "$defs/provider/properties")]
    [InlineData("providers.a.auth", "providers: { a: { <head>, nonsense: 1 } }",
        "$defs/provider/properties/auth/properties")]
    [InlineData("providers.a.models.m",
        "providers: { a: { <head>, models: { m: { <model>, nonsense: 1 } } } }",
        "$defs/model/properties")]
    [InlineData("providers.a.models.m.usd",
        "providers: { a: { <head>, models: { m: { <model>, usd: { input: 1, output: 1, nonsense: 1 } } } } }",
        "$defs/price/properties")]
    [InlineData("providers.a.models.m.usd.long", "providers: { a: { <head>, models: { m: { <model>, usd: { "
        + "input: 1, output: 1, long: { above_input_tokens: 1, input: 1, output: 1, nonsense: 1 } } } } } }",
        "$defs/long/properties")]
    public void Schema_KnowsTheParsersKeys(string where, string yaml, string path)
    {
        var head = where.EndsWith(".auth", StringComparison.Ordinal)
            ? Head.Replace("secret: KEY", "secret: KEY, nonsense: 1", StringComparison.Ordinal) : Head;
        yaml = yaml.Replace("<head>, nonsense: 1", where.EndsWith(".auth", StringComparison.Ordinal)
            ? head : head + ", nonsense: 1", StringComparison.Ordinal);
        yaml = yaml.Replace("<head>", Head, StringComparison.Ordinal)
            .Replace("<model>", Model, StringComparison.Ordinal);
        var error = Assert.Single(Read(yaml).Errors).Error;
        Assert.Equal($"unknown key nonsense in {where}", error.Message);
        var schema = JsonElement.Parse(
            File.ReadAllText(Path.Combine(GeneratedFile.Root, "contracts/models.schema.json")));
        Assert.Equal(error.Expected!.Split(", ").Order(), path.Split('/')
            .Aggregate(schema, (at, name) => at.GetProperty(name)).EnumerateObject().Select(p => p.Name)
                .Order());
    }

    [Fact]
    public void Catalogue_AtItsLimits_IsReadAndNotBeyond()
    {
        var longest = new string('m', CatalogueParser.ModelNameMax);
        string Yaml(string name) => $"providers: {{ a: {{ {Head}, models: {{ {name}: {{ {Model} }} }} }} }}";
        Assert.True(Read(Yaml(longest)).Ok);
        Assert.False(Read(Yaml(longest + "m")).Ok);
        var padded = Yaml("m") + "\n#";
        Assert.True(Read(padded.PadRight(CatalogueParser.CharsMax, 'x')).Ok);
        Assert.False(Read(padded.PadRight(CatalogueParser.CharsMax + 1, 'x')).Ok);
        string WithHeaders(int count) => $"providers: {{ a: {{ {Head}, headers: {{ "
            + string.Join(", ", Enumerable.Range(0, count).Select(i => $"x-{i}: y")) + " } } }";
        Assert.True(Read(WithHeaders(16)).Ok);
        Assert.False(Read(WithHeaders(17)).Ok);
    }

    [Fact]
    public void Catalogue_OverAnother_AddsModelsOrStandsInItsPlace()
    {
        var under = Read($"providers: {{ a: {{ {Head}, models: {{ m: {{ {Model} }} }} }} }}").Value!;
        var added = CatalogueParser.Parse(
            $"providers: {{ a: {{ models: {{ n: {{ {Model} }} }} }} }}", "m", under).Value!;
        Assert.Equal(["m", "n"], added.Providers["a"].Models.Keys);
        Assert.Equal(under.Providers["a"].Address, added.Providers["a"].Address);
        var instead = CatalogueParser.Parse(
            $"providers: {{ a: {{ {Head.Replace("api.", "other.", StringComparison.Ordinal)} }} }}", "m",
            under).Value!;
        Assert.Empty(instead.Providers["a"].Models);
        Assert.Equal("a", instead.At(new Uri("https://other.example/v1"))!.Name);
        Assert.Null(instead.At(new Uri("https://api.example/v1")));
        Assert.Equal("AEGIS2353", Assert.Single(CatalogueParser.Parse(
            "providers: { a: { locality: local } }", "m", under).Errors).Error.Code);
        Assert.Equal("AEGIS2422", Assert.Single(CatalogueParser.Parse(
            $"providers: {{ b: {{ {Head} }} }}", "m", under).Errors).Error.Code);
        Assert.Same(under, CatalogueParser.Parse("", "m", under).Value);
    }

    [Theory]
    [InlineData("https://{resource}.openai.azure.com/openai/v1", "resource=acme",
        "https://acme.openai.azure.com/openai/v1")]
    [InlineData("https://api.example/accounts/{account}/ai", "account=a1",
        "https://api.example/accounts/a1/ai")]
    [InlineData("https://{resource}.openai.azure.com/openai/v1", "other=acme", null)]
    [InlineData("https://{resource}.openai.azure.com/openai/v1", "resource=evil.example/", null)]
    [InlineData("https://{resource}.openai.azure.com/openai/v1", "resource=evil.example#", null)]
    [InlineData("https://{resource}.openai.azure.com/openai/v1", "resource=u@evil", null)]
    public void Address_IsFilledByWhatCannotLeaveItsPlace(string address, string value, string? filled)
    {
        var parts = value.Split('=');
        Assert.Equal(filled, ProviderAddress.Parse(address)!
            .Fill(new Dictionary<string, string> { [parts[0]] = parts[1] })?.ToString());
    }

    [Theory]
    [InlineData("https://{resource}.openai.azure.com/openai/v1", "https://acme.openai.azure.com/x", true)]
    [InlineData("https://{resource}.openai.azure.com/openai/v1", "https://a.b.openai.azure.com/x", false)]
    [InlineData("https://{resource}.openai.azure.com/openai/v1", "https://acme.openai.azure.com.evil/x",
        false)]
    [InlineData("https://api.example/v1", "https://API.example/other", true)]
    [InlineData("https://api.example/v1", "https://api.example:444/v1", false)]
    [InlineData("http://127.0.0.1:8000/v1", "http://127.0.0.1:8001/v1", false)]
    public void Address_CoversItsHostAndPort(string address, string other, bool covers) =>
        Assert.Equal(covers, ProviderAddress.Parse(address)!.Covers(new Uri(other)));

    [Theory]
    [InlineData("ftp://x")]
    [InlineData("https://u@x/v1")]
    [InlineData("https://x/v1?a=b")]
    [InlineData("https://{Resource}.x/v1")]
    [InlineData("/v1")]
    public void Address_OfAnotherForm_IsNone(string text) => Assert.Null(ProviderAddress.Parse(text));

    [Theory]
    [InlineData(272_000, 10, "1.0001")]
    [InlineData(272_001, 10, "2.0003")]
    public void Rates_DependOnTheLengthOfThePrompt(long input, long output, string cost)
    {
        var rates = new TokenRates(new TokenPrice(1_000_000m / 272_000, 10),
            new LongPrompt(272_000, new TokenPrice(2_000_000m / 272_001, 30), null));
        Assert.Equal(decimal.Parse(cost), Math.Round(rates.Cost(input, output), 10));
    }

    private static ParseResult<ModelCatalogue> Read(string yaml) =>
        CatalogueParser.Parse(yaml, "m", ModelCatalogue.None);
}
