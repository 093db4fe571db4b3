using System.Collections.Immutable;
using Aegis.Core.Catalogue;
using Aegis.Core.Errors;

namespace Aegis.Core.Profiles;

/// <summary>Reads <c>models</c> of a profile: each alias is a model, a list of them, or a filter.</summary>
internal static class AliasFields
{
    public const int CandidatesMax = 32;
    private static readonly string[] CandidateKeys =
        ["provider", "model", "base_url", "api_key", "api_key_env", "price"];

    private static readonly string[] FilterKeys =
        ["kinds", "min_context", "tools", "json_schema", "max_input_usd"];

    public static ImmutableSortedDictionary<string, ModelAlias> Read(
        YamlFields profile, List<Diagnostic> errors) =>
        profile.Entries("models").Select(e => Alias(e.Name, e.Value, errors)).OfType<ModelAlias>()
            .ToImmutableSortedDictionary(a => a.Name, a => a, StringComparer.Ordinal);

    private static ModelAlias? Alias(string name, YamlValue value, List<Diagnostic> errors)
    {
        var where = $"models.{name}";
        if (!ModelProviderFields.NameIsValid(name, value, where, errors))
        {
            return null;
        }
        if (value is YamlList list)
        {
            return Listed(name, list, where, errors);
        }
        if (Named(value) is { } model)
        {
            return ModelAlias.Of(name, model) with { At = value.At };
        }
        if (YamlFields.Of(value, where, errors, ["locality", .. CandidateKeys, .. FilterKeys])
            is not { } fields)
        {
            return null;
        }
        var local = ModelProviderFields.IsLocal(fields);
        var filters = FilterKeys.Any(k => fields.Value(k) is not null);
        var candidates = filters ? [] : ImmutableArray.Create(Candidate(fields, where, errors));
        if (filters)
        {
            OnlyOneWay(fields, where, errors);
        }
        return new ModelAlias(name, candidates, filters ? Filter(fields) : null)
        {
            At = value.At,
            IsLocal = local,
        };
    }

    private static ModelAlias? Listed(string name, YamlList list, string where, List<Diagnostic> errors)
    {
        if (list.Items.Count is 0 or > CandidatesMax)
        {
            YamlFields.Wrong(errors, list, where, $"1 to {CandidatesMax} models");
            return null;
        }
        var candidates = ImmutableArray.CreateBuilder<ModelCandidate>();
        foreach (var item in list.Items)
        {
            if (Named(item) is { } model)
            {
                candidates.Add(new ModelCandidate(model));
            }
            else if (YamlFields.Of(item, where, errors, CandidateKeys) is { } fields)
            {
                candidates.Add(Candidate(fields, where, errors));
            }
        }
        return new ModelAlias(name, candidates.ToImmutable()) { At = list.At };
    }

    private static string? Named(YamlValue value) =>
        value is YamlScalar { IsNull: false, Text.Length: > 0 and <= CatalogueParser.ModelNameMax } model
            ? model.Text : null;

    private static ModelCandidate Candidate(YamlFields fields, string where, List<Diagnostic> errors)
    {
        var named = fields.Required("model", CatalogueParser.ModelNameMax);
        var price = fields.Value("price") is { } given
            ? ModelProviderFields.Price($"{where}.price", given, errors) : null;
        return new(named ?? "", fields.Text("provider", IdRule.LengthMax),
            ModelProviderFields.Url(fields, where, errors),
            ModelProviderFields.KeyName(fields, where, errors), price);
    }

    private static ModelFilter Filter(YamlFields fields) => new(
        fields.Words("kinds", CatalogueWords.Kinds),
        fields.Integer("min_context", 1, 1_000_000_000),
        fields.Flag("tools"),
        fields.Flag("json_schema"),
        fields.Number("max_input_usd", 0, 1_000_000));

    private static void OnlyOneWay(YamlFields fields, string where, List<Diagnostic> errors)
    {
        foreach (var key in CandidateKeys)
        {
            if (fields.Value(key) is { } given)
            {
                YamlFields.Wrong(errors, given, $"{where}.{key}", "nothing beside a filter: an alias names "
                    + "models, or says what they must be");
            }
        }
    }
}
