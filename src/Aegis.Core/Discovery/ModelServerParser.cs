using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;

namespace Aegis.Core.Discovery;

/// <summary>Reads <c>model-servers.yaml</c>: every error at once, with its line and column.</summary>
public static class ModelServerParser
{
    public const int CharsMax = 64 * 1024;
    public const int ServersMax = 50;
    public const int SignsMax = 5;

    public static ParseResult<ModelServerCatalogue> Parse(string text, string fileName)
    {
        var errors = new List<Diagnostic>();
        var root = YamlSource.Load(text, fileName, CharsMax, errors);
        var servers = new List<KnownModelServer>();
        if (root is not null && YamlFields.Of(root, "the list of servers", errors, "servers") is { } fields)
        {
            servers = [.. fields.Entries("servers").Select(e => Server(e.Name, e.Value, errors))
                .OfType<KnownModelServer>()];
            if (servers.Count > ServersMax)
            {
                YamlFields.Wrong(errors, root, "servers", $"at most {ServersMax} servers");
            }
        }
        return errors.Count > 0
            ? new(null, [.. errors.OrderBy(e => e.At.Line).ThenBy(e => e.At.Column)])
            : new(new ModelServerCatalogue(servers.ToImmutableSortedDictionary(s => s.Name, s => s,
                StringComparer.Ordinal)), []);
    }

    private static KnownModelServer? Server(string name, YamlValue value, List<Diagnostic> errors)
    {
        var where = $"servers.{name}";
        if (!IdRule.IsValid(name))
        {
            YamlFields.Wrong(errors, value, where, "a provider's name: letters, digits, '.', '_', '-'");
        }
        if (YamlFields.Of(value, where, errors, "port", "signs", "version", "models", "openai", "docs",
            "read") is not { } fields)
        {
            return null;
        }
        _ = fields.Required("port");
        var port = fields.Integer("port", 1, 65_535);
        var signs = Signs(fields, value, where, errors);
        var version = fields.Value("version") is { } told ? Member(told, $"{where}.version", errors) : null;
        var models = Models(fields, value, where, errors);
        var openai = Path(fields, "openai", where, value, errors);
        var docs = CatalogueFields.Page(fields, "docs", value, where, errors);
        var read = CatalogueFields.Day(fields, "read", value, where, errors);
        return (port, models, openai, docs, read) is ({ } p, { } m, { } o, { } d, { } r) && !signs.IsEmpty
            ? new KnownModelServer(name, (int)p, signs, version, m, o, d, r)
            : null;
    }

    private static ImmutableArray<AnswerSign> Signs(
        YamlFields fields, YamlValue value, string where, List<Diagnostic> errors)
    {
        var items = fields.Items("signs").ToList();
        if (items.Count is 0 or > SignsMax)
        {
            YamlFields.Wrong(errors, fields.Value("signs") ?? value, $"{where}.signs",
                $"1 to {SignsMax} answers by which it is told");
            return [];
        }
        return [.. items.Select(i => Sign(i, $"{where}.signs", errors)).OfType<AnswerSign>()];
    }

    private static AnswerSign? Sign(YamlValue value, string where, List<Diagnostic> errors) =>
        YamlFields.Of(value, where, errors, "path", "list", "member", "is") is { } sign
            && Path(sign, "path", where, value, errors) is { } path
            && sign.Required("member") is { } member
            ? new AnswerSign(path, sign.Text("list"), member, sign.Text("is"))
            : null;

    private static AnswerMember? Member(YamlValue value, string where, List<Diagnostic> errors) =>
        YamlFields.Of(value, where, errors, "path", "member") is { } fields
            && Path(fields, "path", where, value, errors) is { } path
            && fields.Required("member") is { } member
            ? new AnswerMember(path, member)
            : null;

    private static ModelListing? Models(
        YamlFields fields, YamlValue value, string where, List<Diagnostic> errors)
    {
        var at = $"{where}.models";
        if (fields.Value("models") is not { } given)
        {
            YamlFields.Wrong(errors, value, at, "where its models are listed");
            return null;
        }
        return YamlFields.Of(given, at, errors, "path", "list", "name", "bytes") is { } models
            && Path(models, "path", at, given, errors) is { } path
            && models.Required("list") is { } list && models.Required("name") is { } name
            ? new ModelListing(path, list, name, models.Text("bytes"))
            : null;
    }

    private static string? Path(
        YamlFields fields, string name, string where, YamlValue at, List<Diagnostic> errors)
    {
        if (fields.Text(name, 200) is { } path && path.StartsWith('/') && !path.Contains("..")
            && path.All(c => char.IsAsciiLetterOrDigit(c) || "/._-".Contains(c, StringComparison.Ordinal)))
        {
            return path;
        }
        YamlFields.Wrong(errors, fields.Value(name) ?? at, $"{where}.{name}", "a path, such as /v1/models");
        return null;
    }
}
