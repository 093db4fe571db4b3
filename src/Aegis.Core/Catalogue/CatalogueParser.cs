using System.Collections.Immutable;
using System.Globalization;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;

namespace Aegis.Core.Catalogue;

/// <summary>Reads a catalogue of models: every error at once, with its line and column.</summary>
public static class CatalogueParser
{
    public const int CharsMax = 1024 * 1024;
    public const int ModelNameMax = 200;
    private const int SourceMax = 1024;

    /// <param name="under">The catalogue that this one is laid over: a provider with an address stands in
    /// place of the one of the same name, one without adds its models to it.</param>
    public static ParseResult<ModelCatalogue> Parse(string text, string fileName, ModelCatalogue under)
    {
        var errors = new List<Diagnostic>();
        var root = YamlSource.Load(text, fileName, CharsMax, errors);
        if (root is null or YamlScalar { IsNull: true })
        {
            return Result(errors, under);
        }
        var fields = YamlFields.Of(root, "the catalogue", errors, "providers");
        var merged = under.Providers;
        foreach (var (name, value) in fields?.Entries("providers") ?? [])
        {
            if (ProviderFields.Read(name, value, under.Providers.GetValueOrDefault(name), errors) is { } read)
            {
                merged = merged.SetItem(name, read);
            }
        }
        OnePerPlace(merged.Values, root, errors);
        return Result(errors, errors.Count > 0 ? under : new ModelCatalogue(merged));
    }

    /// <summary>The page that states what an entry says.</summary>
    internal static Uri? Source(YamlFields fields, string where, YamlValue at, List<Diagnostic> errors)
    {
        var text = fields.Text("source", SourceMax);
        if (Uri.TryCreate(text, UriKind.Absolute, out var source) && source.Scheme == Uri.UriSchemeHttps)
        {
            return source;
        }
        errors.Add(new((fields.Value("source") ?? at).At, new("AEGIS2420",
            $"{where} names no page that says so",
            "source: an https address", text, "what no page states is left out")));
        return null;
    }

    /// <summary>The day on which the page was read.</summary>
    internal static DateOnly? Day(YamlFields fields, string where, YamlValue at, List<Diagnostic> errors)
    {
        var text = fields.Text("read", 32);
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None,
            out var day))
        {
            return day;
        }
        errors.Add(new((fields.Value("read") ?? at).At, new("AEGIS2421",
            $"{where} does not say when it was read",
            "read: the day, such as 2026-11-27", text, "pages change; write the day on which you read it")));
        return null;
    }

    private static ParseResult<ModelCatalogue> Result(List<Diagnostic> errors, ModelCatalogue read) =>
        errors.Count == 0 ? new(read, [])
            : new(null, [.. errors.OrderBy(e => e.At.Line).ThenBy(e => e.At.Column).Select(Mended)]);

    // the reader of fields serves profiles too, and sends whoever errs to their page
    private static Diagnostic Mended(Diagnostic told) => told.Error.Mend == YamlFields.SeeProfile
        ? told with { Error = told.Error with { Mend = "see docs/models.md" } }
        : told;

    private static void OnePerPlace(
        IEnumerable<CatalogueProvider> providers, YamlValue root, List<Diagnostic> errors) =>
        errors.AddRange(providers.Where(p => p.Address.Place is not null).GroupBy(p => p.Address.Place)
            .Where(g => g.Count() > 1)
            .Select(g => new Diagnostic(root.At, new AegisError("AEGIS2422",
                $"two providers are at {g.Key}", "one provider at a host and port",
                string.Join(", ", g.Select(p => p.Name)), "put their models into one"))));
}
