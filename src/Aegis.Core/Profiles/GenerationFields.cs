using Aegis.Core.Errors;

namespace Aegis.Core.Profiles;

/// <summary>Reads <c>generation</c> of a profile.</summary>
internal static class GenerationFields
{
    public const int TokensMax = 1_000_000;

    public static GenerationDefaults Read(YamlFields profile, List<Diagnostic> errors)
    {
        var usual = GenerationDefaults.Default;
        if (profile.Value("generation") is not { } value
            || YamlFields.Of(value, "generation", errors, "max_tokens", "temperature") is not { } fields)
        {
            return usual;
        }
        var tokens = fields.Integer("max_tokens", 1, TokensMax) ?? usual.TokensMax;
        // a model that knows no temperature may also be one that the catalogue does not know
        var isTheirs = fields.Value("temperature") is YamlScalar { Text: "provider" };
        var temperature = isTheirs ? null : (double?)fields.Number("temperature", 0, 2) ?? usual.Temperature;
        return new((int)tokens, temperature);
    }
}
