using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;

namespace Aegis.Core.Catalogue;

/// <summary>Reads one provider of a catalogue.</summary>
internal static partial class ProviderFields
{
    private const int HeadersMax = 16;
    private static readonly string[] Keys =
    [
        "base_url", "protocol", "auth", "locality", "headers", "output_limit", "stream_usage", "prompt_cache",
        "source", "read", "models",
    ];

    /// <param name="under">The provider of the same name in the catalogue below; null where there is
    /// none.</param>
    public static CatalogueProvider? Read(string name, YamlValue value, CatalogueProvider? under,
        List<Diagnostic> errors)
    {
        var where = $"providers.{name}";
        if (YamlFields.Of(value, where, errors, Keys) is not { } fields)
        {
            return null;
        }
        if (!IdRule.IsValid(name))
        {
            errors.Add(new(value.At, new("AEGIS2314", $"{where} has a wrong name",
                "1 to 64 of letters, digits, '.', '_', '-'", name, "rename it")));
        }
        var models = fields.Entries("models")
            .Select(e => CatalogueModelFields.Read($"{where}.models.{e.Name}", e.Name, e.Value, errors))
            .OfType<CatalogueModel>().ToList();
        return fields.Value("base_url") is null
            ? Added(fields, where, value, under, models, errors)
            : Whole(name, fields, where, value, models, errors);
    }

    private static CatalogueProvider? Added(YamlFields fields, string where, YamlValue at,
        CatalogueProvider? under, List<CatalogueModel> models, List<Diagnostic> errors)
    {
        if (under is null)
        {
            errors.Add(new(at.At, new("AEGIS2353", $"{where} lacks base_url", "base_url, or the name of a "
                + "provider of the catalogue that ships, whose models these are", "nothing",
                "add base_url: …")));
            return null;
        }
        foreach (var key in Keys.Where(k => k is not ("base_url" or "models")))
        {
            if (fields.Value(key) is { } given)
            {
                errors.Add(new(given.At, new("AEGIS2353", $"{where}.{key} changes a provider that ships",
                    "base_url beside it, for a provider that stands in its place", null,
                    "write the whole provider, or only its models")));
            }
        }
        return under with { Models = under.Models.SetItems(models.ToDictionary(m => m.Name)) };
    }

    private static CatalogueProvider? Whole(string name, YamlFields fields, string where, YamlValue at,
        List<CatalogueModel> models, List<Diagnostic> errors)
    {
        var known = errors.Count;
        fields.Need("protocol", "locality", "auth");
        var protocol = fields.Word("protocol", CatalogueWords.Protocols);
        var locality = fields.Word("locality", CatalogueWords.Localities) ?? Locality.Remote;
        var auth = Auth(fields, where, errors);
        var address = Address(fields, where, locality, auth?.Secret is not null, errors);
        var headers = Headers(fields, where, auth, errors);
        var output = fields.Word("output_limit", CatalogueWords.OutputLimits) ?? OutputLimit.MaxTokens;
        var cache = fields.Word("prompt_cache", CatalogueWords.PromptCaches) ?? PromptCache.None;
        var usage = fields.Flag("stream_usage");
        var source = CatalogueParser.Source(fields, where, at, errors);
        var read = CatalogueParser.Day(fields, where, at, errors);
        return errors.Count > known ? null : new CatalogueProvider(name, address!, protocol!.Value, auth!,
            locality, headers, output, usage, cache, source!, read!.Value,
            models.ToImmutableSortedDictionary(m => m.Name, m => m, StringComparer.Ordinal));
    }

    private static ProviderAddress? Address(YamlFields fields, string where, Locality locality, bool hasKey,
        List<Diagnostic> errors)
    {
        if (fields.Text("base_url") is not { } text)
        {
            return null;
        }
        // plain HTTP shows what is said to whoever listens between here and there
        if (ProviderAddress.Parse(text) is { } address && (address.Example.Scheme == Uri.UriSchemeHttps
            || (locality == Locality.Local && (address.Example.IsLoopback || !hasKey))))
        {
            return address;
        }
        YamlFields.Wrong(errors, fields.Value("base_url")!, $"{where}.base_url", ProviderAddress.Form);
        return null;
    }

    private static ProviderAuth? Auth(YamlFields provider, string where, List<Diagnostic> errors)
    {
        where += ".auth";
        if (provider.Value("auth") is not { } value
            || YamlFields.Of(value, where, errors, "kind", "name", "secret") is not { } fields)
        {
            return null;
        }
        fields.Need("kind");
        var kind = fields.Word("kind", CatalogueWords.AuthKinds);
        var (name, secret) = (fields.Text("name", 64), fields.Text("secret", IdRule.LengthMax));
        var named = kind is AuthKind.Header or AuthKind.Query;
        if (kind is not null && named != (name is not null && Token().IsMatch(name)))
        {
            YamlFields.Wrong(errors, fields.Value("name") ?? value, $"{where}.name",
                named ? "the name of a header or of a parameter" : "nothing for this kind");
        }
        if (kind is not null && (kind == AuthKind.None ? secret is not null
            : secret is null || !IdRule.IsValid(secret)))
        {
            // the value is not shown: the likeliest mistake is the key in place of its name
            errors.Add(new((fields.Value("secret") ?? value).At, new("AEGIS2314",
                $"{where}.secret has the wrong kind of value",
                kind == AuthKind.None ? "nothing for this kind" : "the name of a secret",
                Mend: "a key itself never stands in a catalogue")));
        }
        return kind is { } known ? new ProviderAuth(known, name, secret) : null;
    }

    private static ImmutableSortedDictionary<string, string> Headers(YamlFields provider, string where,
        ProviderAuth? auth, List<Diagnostic> errors)
    {
        var headers = ImmutableSortedDictionary.CreateBuilder<string, string>(
            StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in provider.Entries("headers"))
        {
            if (headers.Count < HeadersMax && Token().IsMatch(name) && !Kept().IsMatch(name)
                && !name.Equals(auth?.Name, StringComparison.OrdinalIgnoreCase)
                && value is YamlScalar { Text.Length: > 0 and <= 256 } text
                && text.Text.All(c => c is >= ' ' and <= '~'))
            {
                headers[name] = text.Text;
                continue;
            }
            YamlFields.Wrong(errors, value, $"{where}.headers.{name}",
                $"at most {HeadersMax} headers of plain text, without those of the key and of the message");
        }
        return headers.ToImmutable();
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}\z")]
    private static partial Regex Token();

    [GeneratedRegex(@"^(authorization|proxy-.*|host|content-.*|transfer-encoding|connection|cookie)\z",
        RegexOptions.IgnoreCase)]
    private static partial Regex Kept();
}
