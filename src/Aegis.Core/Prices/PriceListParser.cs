using System.Collections.Immutable;
using System.Globalization;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;

namespace Aegis.Core.Prices;

/// <summary>Reads a price list: every error at once, with its line and column.</summary>
public static class PriceListParser
{
    public const int CharsMax = 1024 * 1024;
    public const int ModelNameMax = 200;
    private const decimal UsdMax = 1_000_000;

    public static ParseResult<PriceList> Parse(string text, string fileName)
    {
        var errors = new List<Diagnostic>();
        var root = YamlSource.Load(text, fileName, CharsMax, errors);
        if (root is null or YamlScalar { IsNull: true })
        {
            return new(errors.Count == 0 ? PriceList.None : null, [.. errors]);
        }
        var providers = YamlFields.Of(root, "the price list", errors, "providers") is { } fields
            ? fields.Entries("providers").Select(e => Provider(e.Name, e.Value, errors))
                .OfType<PricedProvider>().ToList()
            : [];
        OnePerHost(providers, root, errors);
        return errors.Count > 0
            ? new(null, [.. errors.OrderBy(e => e.At.Line).ThenBy(e => e.At.Column)])
            : new(new PriceList(providers.ToImmutableSortedDictionary(p => p.Name, p => p,
                StringComparer.Ordinal)), []);
    }

    private static PricedProvider? Provider(string name, YamlValue value, List<Diagnostic> errors)
    {
        var where = $"providers.{name}";
        if (YamlFields.Of(value, where, errors, "host", "models") is not { } fields)
        {
            return null;
        }
        var host = fields.Required("host", 253);
        if (host is not null && Uri.CheckHostName(host) == UriHostNameType.Unknown)
        {
            YamlFields.Wrong(errors, fields.Value("host")!, $"{where}.host",
                "a host, such as api.example.com");
        }
        var models = fields.Entries("models")
            .Select(e => (e.Name, Price: Price($"{where}.models.{e.Name}", e.Name, e.Value, errors)))
            .Where(e => e.Price is not null)
            .ToImmutableSortedDictionary(e => e.Name, e => e.Price!, StringComparer.Ordinal);
        return host is null ? null : new PricedProvider(name, host, models);
    }

    private static ModelPrice? Price(string where, string model, YamlValue value, List<Diagnostic> errors)
    {
        if (YamlFields.Of(value, where, errors, "input", "cached_input", "output", "output_tokens_max",
            "source", "read") is not { } fields)
        {
            return null;
        }
        if (model.Length is 0 or > ModelNameMax)
        {
            YamlFields.Wrong(errors, value, where, $"a model's name of at most {ModelNameMax} characters");
        }
        _ = fields.Required("input");
        _ = fields.Required("output");
        var input = fields.Number("input", 0, UsdMax);
        var cached = fields.Number("cached_input", 0, UsdMax);
        var output = fields.Number("output", 0, UsdMax);
        var longest = fields.Integer("output_tokens_max", 1, 100_000_000);
        var source = Source(fields, where, value, errors);
        var read = Day(fields, where, value, errors);
        return (input, output, source, read) is ({ } i, { } o, { } s, { } r)
            ? new ModelPrice(new TokenPrice(i, o), cached, (int?)longest, s, r)
            : null;
    }

    private static Uri? Source(YamlFields fields, string where, YamlValue at, List<Diagnostic> errors)
    {
        var text = fields.Text("source", 1024);
        if (Uri.TryCreate(text, UriKind.Absolute, out var source) && source.Scheme == Uri.UriSchemeHttps)
        {
            return source;
        }
        errors.Add(new((fields.Value("source") ?? at).At, new("AEGIS2420",
            $"{where} names no page that says so",
            "source: an https address", text, "a price that no page states is left out")));
        return null;
    }

    private static DateOnly? Day(YamlFields fields, string where, YamlValue at, List<Diagnostic> errors)
    {
        var text = fields.Text("read", 32);
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None,
            out var day))
        {
            return day;
        }
        errors.Add(new((fields.Value("read") ?? at).At, new("AEGIS2421",
            $"{where} does not say when it was read",
            "read: the day, such as 2026-11-27", text, "prices change; write the day on which you read it")));
        return null;
    }

    private static void OnePerHost(List<PricedProvider> providers, YamlValue root, List<Diagnostic> errors) =>
        errors.AddRange(providers.GroupBy(p => p.Host).Where(g => g.Count() > 1)
            .Select(g => new Diagnostic(root.At, new AegisError("AEGIS2422",
                $"two providers have the host {g.Key}", "one provider a host",
                string.Join(", ", g.Select(p => p.Name)), "put their models into one"))));
}
