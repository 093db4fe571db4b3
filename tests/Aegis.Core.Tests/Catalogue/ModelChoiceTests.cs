using Aegis.Core.Catalogue;
using Aegis.Core.Profiles;

namespace Aegis.Core.Tests.Catalogue;

/// <summary>What a profile and the catalogue make of a call together.</summary>
public sealed class ModelChoiceTests
{
    private const string Facts = "source: 'https://x', read: 2026-01-02";

    private static readonly ModelCatalogue Catalogue = CatalogueParser.Parse($$"""
        providers:
          quick:
            base_url: https://quick.example/v1
            protocol: openai
            auth: { kind: header, name: x-key, secret: QUICK_API_KEY }
            locality: remote
            source: "https://x"
            read: 2026-01-02
            models:
              small: { kinds: [chat], context_tokens_max: 8_000, tools: true,
                       usd: { input: 0.1, output: 1 }, {{Facts}} }
              large: { kinds: [chat], context_tokens_max: 200_000, tools: true,
                       usd: { input: 3, output: 9 }, {{Facts}} }
              mute: { kinds: [chat], context_tokens_max: 200_000, usd: { input: 0.2, output: 9 }, {{Facts}} }
              unpriced: { kinds: [chat], context_tokens_max: 200_000, tools: true, {{Facts}} }
              vectors: { kinds: [embedding], usd: { input: 0.01 }, {{Facts}} }
          cloud:
            base_url: "https://{region}.cloud.example/v1"
            protocol: openai
            auth: { kind: bearer, secret: CLOUD_API_KEY }
            locality: remote
            source: "https://x"
            read: 2026-01-02
            models:
              large: { kinds: [chat], context_tokens_max: 200_000, tools: true,
                       usd: { input: 2, output: 9 }, {{Facts}} }
          house:
            base_url: http://127.0.0.1:8000/v1
            protocol: openai
            auth: { kind: none }
            locality: local
            source: "https://x"
            read: 2026-01-02
        """, "m", ModelCatalogue.None).Value!;

    [Fact]
    public void Provider_OfTheCatalogue_NeedsNoAddress()
    {
        var profile = Read("providers: { quick: {} }");
        Assert.Empty(ProfileCheck.Of(profile, Catalogue));
        var choice = ModelChoice.Of(profile, "quick", "small", Catalogue);
        Assert.Equal((new Uri("https://quick.example/v1"), "QUICK_API_KEY", "x-key", 0.1m, true),
            (choice.Address, choice.KeyName, choice.Listed!.Auth.Name, choice.Rates!.Tokens.InputUsd,
                choice.HostMayLend));
        var named = ModelChoice.Of(
            Read("providers: { quick: { api_key: OURS } }"), "quick", "small", Catalogue);
        Assert.Equal((new Uri("https://quick.example/v1"), "OURS"), (named.Address, named.KeyName));
    }

    [Fact]
    public void Provider_WithAnAddressOfItsOwn_HasTheFactsOfThatPlaceOnly()
    {
        var profile = Read("""
            providers:
              quick: { base_url: https://elsewhere.example/v1, api_key: QUICK_API_KEY }
              mine: { base_url: https://quick.example/other, api_key: QUICK_API_KEY }
            """);
        var away = ModelChoice.Of(profile, "quick", "small", Catalogue);
        Assert.Equal((null, null, false), (away.Listed, away.Rates, away.HostMayLend));
        var there = ModelChoice.Of(profile, "mine", "small", Catalogue);
        Assert.Equal(("quick", 0.1m, true), (there.Listed!.Name, there.Rates!.Tokens.InputUsd,
            there.HostMayLend));
    }

    [Theory]
    [InlineData("providers: { cloud: { placeholders: { region: west-1 } } }", null)]
    [InlineData("providers: { cloud: {} }", "AEGIS2351")]
    [InlineData("providers: { cloud: { placeholders: { region: w, zone: a } } }", "AEGIS2351")]
    [InlineData("providers: { clowd: {} }", "AEGIS2350")]
    [InlineData("providers: { quick: {} }\nmodels: { embedding: vectors }", null)]
    [InlineData("providers: { quick: {} }\nmodels: { embedding: small }", "AEGIS2357")]
    [InlineData("providers: { quick: {} }\nmodels: { fast: vectors }", "AEGIS2357")]
    [InlineData("providers: { quick: {} }\nmodels: { fast: nobody-knows }", null)]
    [InlineData("providers: { quick: {} }\nmodels: { coding: { tools: true } }", null)]
    [InlineData("providers: { quick: {} }\nmodels: { coding: { min_context: 200_001 } }", "AEGIS2357")]
    [InlineData("providers: { house: {} }\nlocality: local\nmodels: { fast: tiny }", null)]
    [InlineData("providers: { quick: {} }\nlocality: local\nmodels: { fast: small }", "AEGIS2354")]
    [InlineData("providers: { quick: {}, house: {} }\nmodels: { fast: { provider: quick, model: small, "
        + "locality: local } }", "AEGIS2354")]
    [InlineData("providers: { own: { base_url: 'http://127.0.0.1:9/v1' } }\nlocality: local\n"
        + "models: { fast: tiny }", "AEGIS2354")]
    [InlineData("providers: { own: { base_url: 'http://127.0.0.1:9/v1', locality: local } }\n"
        + "locality: local\nmodels: { fast: tiny }", null)]
    public void Check_FindsWhatDoesNotFitTheCatalogue(string yaml, string? code) => Assert.Equal(code,
        ProfileCheck.Of(Read(yaml), Catalogue).SingleOrDefault()?.Error.Code);

    [Fact]
    public void Filter_LetsThroughWhatIsKnownToFit_TheCheapestFirst()
    {
        var profile = Read("""
            providers: { quick: {}, cloud: { placeholders: { region: w } } }
            models:
              coding: { tools: true, min_context: 200_000 }
              fast: { max_input_usd: 0.2 }
              embedding: { kinds: [embedding] }
            """);
        Assert.Equal(["cloud large", "quick large", "quick unpriced"], All(profile, null, "coding"));
        Assert.Equal(["quick large", "quick unpriced"], All(profile, "quick", "coding"));
        Assert.Equal(["quick small", "quick mute"], All(profile, null, "fast"));
        Assert.Equal(["quick vectors"], All(profile, null, "embedding"));
    }

    [Fact]
    public void List_IsInItsOwnOrder()
    {
        var profile = Read("""
            providers: { quick: {}, cloud: { placeholders: { region: w } } }
            models: { reasoning: [{ provider: quick, model: large }, { provider: cloud, model: large }] }
            """);
        Assert.Equal(["quick large", "cloud large"], All(profile, null, null));
        Assert.Equal(["cloud large"], All(profile, "cloud", "reasoning"));
    }

    [Fact]
    public void List_AtItsLimit_IsReadAndNotBeyond()
    {
        string Yaml(int count) => $"models: {{ fast: [{string.Join(", ", Enumerable.Repeat("m", count))}] }}";
        Assert.Equal(32, Read(Yaml(32)).Models["fast"].Candidates.Length);
        Assert.Equal("AEGIS2314", Assert.Single(ProfileParser.Parse(Yaml(33), "p").Errors).Error.Code);
    }

    private static IEnumerable<string> All(Profile profile, string? provider, string? model) =>
        ModelChoice.All(profile, provider, model, Catalogue).Select(c => $"{c.Provider} {c.Model}");

    private static Profile Read(string yaml)
    {
        var read = ProfileParser.Parse(yaml, "profile.yaml");
        Assert.Empty(read.Errors);
        return read.Value!;
    }
}
