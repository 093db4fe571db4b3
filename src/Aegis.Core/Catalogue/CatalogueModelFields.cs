using Aegis.Core.Errors;
using Aegis.Core.Profiles;

namespace Aegis.Core.Catalogue;

/// <summary>Reads one model of a catalogue.</summary>
internal static class CatalogueModelFields
{
    private const long TokensMax = 1_000_000_000;
    private const decimal UsdMax = 1_000_000;

    public static CatalogueModel? Read(string where, string name, YamlValue value, List<Diagnostic> errors)
    {
        if (YamlFields.Of(value, where, errors, "kinds", "context_tokens_max", "output_tokens_max", "in",
            "out", "tools", "json_schema", "temperature", "usd", "source", "read") is not { } fields)
        {
            return null;
        }
        var known = errors.Count;
        if (name.Length is 0 or > CatalogueParser.ModelNameMax)
        {
            YamlFields.Wrong(errors, value, where,
                $"a model's name of at most {CatalogueParser.ModelNameMax} characters");
        }
        var kinds = fields.Words("kinds", CatalogueWords.Kinds);
        if (kinds.IsEmpty && errors.Count == known)
        {
            errors.Add(new(value.At, new("AEGIS2315", $"{where} lacks kinds", "kinds", "nothing",
                "add kinds: [chat], or what it is")));
        }
        var context = fields.Integer("context_tokens_max", 1, TokensMax);
        var output = fields.Integer("output_tokens_max", 1, TokensMax);
        var (reads, makes) = (fields.Words("in", CatalogueWords.Media),
            fields.Words("out", CatalogueWords.Media));
        var (tools, schema, temperature) =
            (fields.Choice("tools"), fields.Choice("json_schema"), fields.Choice("temperature"));
        var price = Price(fields, where, kinds.Contains(ModelKind.Chat), errors);
        var source = CatalogueParser.Source(fields, where, value, errors);
        var read = CatalogueParser.Day(fields, where, value, errors);
        return errors.Count > known ? null : new CatalogueModel(name, kinds, (int?)context, (int?)output,
            reads, makes, tools, schema, temperature, price, source!, read!.Value);
    }

    private static ModelPrice? Price(YamlFields model, string where, bool isChat, List<Diagnostic> errors)
    {
        where += ".usd";
        if (model.Value("usd") is not { } value || YamlFields.Of(value, where, errors, "input",
            "cached_input", "cache_write", "cache_hour", "output", "long", "audio_hour") is not { } fields)
        {
            return null;
        }
        var audio = fields.Number("audio_hour", 0, UsdMax);
        if (audio is null)
        {
            fields.Need("input");
        }
        if (isChat)
        {
            fields.Need("output");
        }
        var (input, output) = (fields.Number("input", 0, UsdMax), fields.Number("output", 0, UsdMax));
        var rates = input is { } i ? new TokenRates(new TokenPrice(i, output ?? 0), Long(fields, where,
            errors)) : null;
        return new ModelPrice(rates, fields.Number("cached_input", 0, UsdMax),
            fields.Number("cache_write", 0, UsdMax), audio, fields.Number("cache_hour", 0, UsdMax));
    }

    private static LongPrompt? Long(YamlFields price, string where, List<Diagnostic> errors)
    {
        where += ".long";
        if (price.Value("long") is not { } value || YamlFields.Of(value, where, errors,
            "above_input_tokens", "input", "cached_input", "output") is not { } fields)
        {
            return null;
        }
        fields.Need("above_input_tokens", "input", "output");
        return (fields.Integer("above_input_tokens", 1, TokensMax), fields.Number("input", 0, UsdMax),
            fields.Number("output", 0, UsdMax)) is ({ } above, { } input, { } output)
            ? new LongPrompt(above, new TokenPrice(input, output), fields.Number("cached_input", 0, UsdMax))
            : null;
    }
}
