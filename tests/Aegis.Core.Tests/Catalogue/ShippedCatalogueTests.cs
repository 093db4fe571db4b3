using System.Text;
using System.Text.RegularExpressions;
using Aegis.Core.Catalogue;
using Aegis.Tests.Shared;

namespace Aegis.Core.Tests.Catalogue;

/// <summary>The catalogue that is shipped, and the page that shows it.</summary>
public sealed partial class ShippedCatalogueTests
{
    private static readonly string Text =
        File.ReadAllText(Path.Combine(GeneratedFile.Root, "contracts/models.yaml"));

    [Fact]
    public void Shipped_HoldsTheProvidersThatWereAskedFor()
    {
        string[] asked =
        [
            "blackbox", "openai", "anthropic", "gemini", "groq", "deepseek", "mistral", "openrouter",
            "together", "fireworks", "cerebras", "xai", "cohere", "perplexity", "nvidia", "azure", "bedrock",
            "ollama", "vllm", "llamacpp", "lmstudio",
        ];
        Assert.Empty(asked.Except(ModelCatalogue.BuiltIn.Providers.Keys));
        Assert.True(ModelCatalogue.BuiltIn.Providers.Count >= 30);
        Assert.Equal(["llamacpp", "lmstudio", "ollama", "vllm"], ModelCatalogue.BuiltIn.Providers.Values
            .Where(p => p.Locality == Locality.Local).Select(p => p.Name));
        Assert.All(ModelCatalogue.BuiltIn.Providers.Values, p => Assert.Equal(
            p.Locality == Locality.Local, p.Address.Example.IsLoopback));
        // the host lends keys of these names only, see HostKeys
        Assert.All(ModelCatalogue.BuiltIn.Providers.Values.Where(p => p.Auth.Kind != AuthKind.None),
            p => Assert.EndsWith("_API_KEY", p.Auth.Secret, StringComparison.Ordinal));
    }

    // told from the text, so that a parser that grew lax would not go unseen
    [Fact]
    public void Shipped_NamesAPageAndADayForEveryEntry()
    {
        var catalogue = ModelCatalogue.BuiltIn;
        var entries = catalogue.Providers.Count + catalogue.Providers.Values.Sum(p => p.Models.Count);
        Assert.Equal(entries, Page().Count(Text));
        Assert.Equal(entries, Day().Count(Text));
        Assert.Equal(entries, Text.Split("source:").Length - 1);
        foreach (var line in Page().Matches(Text).Where((_, i) => i % 20 == 0))
        {
            var without = Text.Remove(line.Index, line.Length).Insert(line.Index, "read: 2026-11-27");
            Assert.Contains(CatalogueParser.Parse(without, "m", ModelCatalogue.None).Errors,
                e => e.Error.Code is "AEGIS2420" or "AEGIS2312" or "AEGIS2310");
        }
    }

    [Fact]
    public void Shipped_HoldsTheSamplesModelWithItsPageAndDay()
    {
        var listed = ModelCatalogue.BuiltIn.Listed("blackbox", "o3-mini")!;
        Assert.Equal(("openai", false, 1.10m, 4.40m, 0.55m, 100_000), (listed.Seller, listed.IsOwn,
            listed.Rates.Tokens.InputUsd, listed.Rates.Tokens.OutputUsd, listed.Model.Price!.CachedInputUsd,
            listed.Model.OutputTokensMax));
        Assert.Null(ModelCatalogue.BuiltIn.Listed("openai", "claude-opus-4-6"));
        Assert.Equal("anthropic", ModelCatalogue.BuiltIn.Listed(null, "claude-opus-4-6")!.Seller);
        Assert.Null(ModelCatalogue.BuiltIn.At(new Uri("https://models.example")));
        var azure = ModelCatalogue.BuiltIn.At(new Uri("https://acme.openai.azure.com/openai/v1"))!;
        Assert.Equal(("azure", AuthKind.Header, OutputLimit.MaxCompletionTokens),
            (azure.Name, azure.Auth.Kind, azure.OutputLimit));
    }

    [Fact]
    [Trait("Category", "Generated")]
    public void Page_ShowsWhatTheFileHolds() => GeneratedFile.Hold("docs/models.md",
        "<!-- generated from contracts/models.yaml by ./aegis docs: begin -->\n", "<!-- generated: end -->",
        Table());

    private static string Table()
    {
        var table = new StringBuilder("| provider | address | protocol | secret | where | models | page |\n"
            + "|---|---|---|---|---|---|---|\n");
        foreach (var provider in ModelCatalogue.BuiltIn.Providers.Values)
        {
            table.Append($"| `{provider.Name}` | `{provider.Address}` "
                + $"| {CatalogueWords.Protocols.Word(provider.Protocol)} "
                + $"| {(provider.Auth.Secret is { } secret ? $"`{secret}`" : "none")} "
                + $"| {CatalogueWords.Localities.Word(provider.Locality)} | {provider.Models.Count} "
                + $"| [{provider.Read:yyyy-MM-dd}]({provider.Source}) |\n");
        }
        return table.ToString();
    }

    [GeneratedRegex("source: \"https://[^\"]+\"")]
    private static partial Regex Page();

    [GeneratedRegex(@"\bread: 20[0-9]{2}-[0-9]{2}-[0-9]{2}\b")]
    private static partial Regex Day();
}
