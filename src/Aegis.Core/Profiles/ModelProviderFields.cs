using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Aegis.Core.Catalogue;
using Aegis.Core.Errors;

namespace Aegis.Core.Profiles;

/// <summary>Reads <c>providers</c> of a profile.</summary>
internal static partial class ModelProviderFields
{
    public static ImmutableSortedDictionary<string, ModelProvider> Read(
        YamlFields profile, List<Diagnostic> errors) =>
        profile.Entries("providers").Select(e => Provider(e.Name, e.Value, errors)).OfType<ModelProvider>()
            .ToImmutableSortedDictionary(p => p.Name, p => p, StringComparer.Ordinal);

    /// <summary>Whether only what is local may answer.</summary>
    public static bool IsLocal(YamlFields fields) =>
        fields.Word("locality", OnlyLocal) == Locality.Local;

    public static TokenPrice? Price(string where, YamlValue value, List<Diagnostic> errors)
    {
        var fields = YamlFields.Of(value, where, errors, "input_usd_per_million", "output_usd_per_million");
        _ = fields?.Required("input_usd_per_million");
        _ = fields?.Required("output_usd_per_million");
        return fields?.Number("input_usd_per_million", 0, 1_000_000) is { } input
            && fields.Number("output_usd_per_million", 0, 1_000_000) is { } output ? new(input, output)
                : null;
    }

    // A key travels to this address: plain HTTP only to this machine. Userinfo would be a secret in a file.
    public static Uri? Url(YamlFields fields, string where, List<Diagnostic> errors)
    {
        if (fields.Text("base_url") is not { } text)
        {
            return null;
        }
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.UserInfo.Length + url.Query.Length
            + url.Fragment.Length == 0 && (url.Scheme == Uri.UriSchemeHttps
                || (url.Scheme == Uri.UriSchemeHttp && (url.IsLoopback
                    || (fields.Value("api_key") is null && fields.Value("api_key_env") is null)))))
        {
            return url;
        }
        YamlFields.Wrong(errors, fields.Value("base_url")!, $"{where}.base_url",
            "an https address without user, "
            + "query or fragment (http on this machine, or where no key is sent)");
        return null;
    }

    /// <summary>The name of the secret that holds the key.</summary>
    public static string? KeyName(YamlFields fields, string where, List<Diagnostic> errors)
    {
        var (name, older) = (fields.Text("api_key", 128), fields.Text("api_key_env", 128));
        if (name is not null && older is not null)
        {
            YamlFields.Wrong(errors, fields.Value("api_key_env")!, $"{where}.api_key_env",
                "nothing beside api_key, which means the same");
        }
        var key = name is not null ? "api_key" : "api_key_env";
        if ((name ?? older) is { } given && !SecretName().IsMatch(given))
        {
            // the value itself is not shown: the likeliest mistake is the key in place of its name
            errors.Add(new(fields.Value(key)!.At, new("AEGIS2314",
                $"{where}.{key} has the wrong kind of value",
                    "the name of the secret, such as OPENAI_API_KEY",
                Mend: "a key itself never stands in a profile")));
        }
        return name ?? older;
    }

    public static bool NameIsValid(string name, YamlValue value, string where, List<Diagnostic> errors)
    {
        if (!IdRule.IsValid(name))
        {
            errors.Add(new(value.At, new("AEGIS2314", $"{where} has a wrong name",
                "1 to 64 of letters, digits, '.', '_', '-'", name, "rename it")));
        }
        return IdRule.IsValid(name);
    }

    private static IReadOnlyDictionary<string, Locality> OnlyLocal { get; } =
        new Dictionary<string, Locality> { ["local"] = Locality.Local };

    private static ModelProvider? Provider(string name, YamlValue value, List<Diagnostic> errors)
    {
        var where = $"providers.{name}";
        if (YamlFields.Of(value, where, errors, "base_url", "api_key", "api_key_env", "locality",
            "placeholders", "prices") is not { } fields || !NameIsValid(name, value, where, errors))
        {
            return null;
        }
        var prices = fields.Entries("prices")
            .Select(e => (e.Name, Price: Price($"{where}.prices", e.Value, errors)))
            .Where(e => e.Price is not null)
            .ToImmutableSortedDictionary(e => e.Name, e => e.Price!.Value, StringComparer.Ordinal);
        var isOwn = fields.Value("base_url") is not null;
        var locality = fields.Word("locality", CatalogueWords.Localities) ?? Locality.Remote;
        foreach (var key in new[] { isOwn ? "placeholders" : "locality" })
        {
            if (fields.Value(key) is { } given)
            {
                YamlFields.Wrong(errors, given, $"{where}.{key}", isOwn
                    ? "nothing beside base_url" : "nothing: the catalogue says where its providers are");
            }
        }
        var url = Url(fields, where, errors);
        return isOwn && url is null ? null
            : new(name, url, KeyName(fields, where, errors), prices)
            {
                At = value.At,
                Placeholders = Placeholders(fields, where, errors),
                Locality = locality,
            };
    }

    private static ImmutableSortedDictionary<string, string> Placeholders(YamlFields provider, string where,
        List<Diagnostic> errors)
    {
        var values = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in provider.Entries("placeholders"))
        {
            if (value is YamlScalar text && ProviderAddress.IsValue(text.Text))
            {
                values[name] = text.Text;
                continue;
            }
            YamlFields.Wrong(errors, value, $"{where}.placeholders.{name}", ProviderAddress.ValueForm);
        }
        return values.ToImmutable();
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]{0,127}\z")]
    private static partial Regex SecretName();
}
