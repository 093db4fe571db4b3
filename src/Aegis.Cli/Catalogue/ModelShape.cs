using System.Text.Json.Serialization;
using Aegis.Core.Catalogue;

namespace Aegis.Cli.Catalogue;

/// <summary>A model of the catalogue for a program: <c>aegis models list --json</c>. What no page states is
/// null. Dollars are for a million tokens, or for an hour of audio.</summary>
internal sealed record ModelShape(string Provider, string Model, IReadOnlyList<string> Kinds,
    string Locality, int? ContextTokensMax, int? OutputTokensMax, IReadOnlyList<string> In,
    IReadOnlyList<string> Out, bool? Tools, bool? JsonSchema, decimal? InputUsd, decimal? CachedInputUsd,
    decimal? CacheWriteUsd, decimal? OutputUsd, decimal? AudioHourUsd, string Source, string Read)
{
    public static ModelShape Of(CatalogueProvider provider, CatalogueModel model) => new(
        provider.Name, model.Name, [.. model.Kinds.Select(k => CatalogueWords.Kinds.Word(k))],
        CatalogueWords.Localities.Word(provider.Locality), model.ContextTokensMax, model.OutputTokensMax,
        [.. model.In.Select(m => CatalogueWords.Media.Word(m))],
        [.. model.Out.Select(m => CatalogueWords.Media.Word(m))], model.Tools, model.JsonSchema,
        model.Price?.Tokens?.Tokens.InputUsd, model.Price?.CachedInputUsd, model.Price?.CacheWriteUsd,
        model.Price?.Tokens?.Tokens.OutputUsd, model.Price?.AudioHourUsd, model.Source.ToString(),
        model.Read.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
}

[JsonSerializable(typeof(IReadOnlyList<ModelShape>))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
internal sealed partial class ModelJson : JsonSerializerContext;
