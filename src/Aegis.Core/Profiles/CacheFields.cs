using System.Collections.Frozen;
using Aegis.Core.Errors;

namespace Aegis.Core.Profiles;

/// <summary>Reads <c>cache</c> of a profile.</summary>
internal static class CacheFields
{
    public const int SecondsMax = 30 * 24 * 3600;

    private static readonly FrozenDictionary<string, bool> Scopes =
        new Dictionary<string, bool> { ["project"] = false, ["tenant"] = true }.ToFrozenDictionary();

    public static CacheProfile Read(YamlFields profile, List<Diagnostic> errors)
    {
        var usual = CacheProfile.Default;
        if (profile.Value("cache") is not { } value || YamlFields.Of(value, "cache", errors, "ttl_seconds",
            "temperature_max", "scope", "prompts") is not { } fields)
        {
            return usual;
        }
        return new(
            fields.Integer("ttl_seconds", 0, SecondsMax) is { } seconds ? TimeSpan.FromSeconds(seconds)
                : usual.Lifetime,
            (double?)fields.Number("temperature_max", 0, 2) ?? usual.TemperatureMax,
            fields.Word("scope", Scopes) ?? usual.IsTenantWide,
            fields.Choice("prompts") ?? usual.Prompts);
    }
}
