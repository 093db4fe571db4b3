using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Core.Profiles;

/// <summary>Reads <c>profile.yaml</c>: every error at once, with its line and column.</summary>
public static class ProfileParser
{
    public const int CharsMax = 256 * 1024;

    public static ParseResult<Profile> Parse(string text, string fileName)
    {
        var errors = new List<Diagnostic>();
        var root = YamlSource.Load(text, fileName, CharsMax, errors);
        var refusedCount = errors.Count;
        var refused = errors.Select(e => e.At).ToHashSet();
        if (root is null or YamlScalar { IsNull: true })
        {
            return new(errors.Count == 0 ? Profile.Empty : null, [.. errors]);
        }
        var fields = YamlFields.Of(root, "the profile", errors, "profile_id", "models", "providers",
            "rehearsal",
            "rag", "policies", "forge", "egress_allow", "egress_opens_tls", "mcp", "sandbox");
        var profile = fields is null ? null : Read(fields, errors);
        // what stands for a value that was refused is wrong for nobody
        var told = errors.Where((e, i) => i < refusedCount || !refused.Contains(e.At));
        return errors.Count == 0 ? new(profile, []) : new(null, [.. told.OrderBy(e => e.At.Line)
            .ThenBy(e => e.At.Column)]);
    }

    private static Profile Read(YamlFields fields, List<Diagnostic> errors)
    {
        var providers = fields.Entries("providers").Select(e => Provider(e.Name, e.Value, errors))
            .OfType<ModelProvider>().ToImmutableSortedDictionary(p => p.Name, p => p, StringComparer.Ordinal);
        var models = fields.Entries("models").Select(e => Alias(e.Name, e.Value, errors))
            .OfType<ModelAlias>().ToImmutableSortedDictionary(a => a.Name, a => a, StringComparer.Ordinal);
        if (fields.Text("profile_id") is { } id && !IdRule.IsValid(id))
        {
            YamlFields.Wrong(errors, fields.Value("profile_id")!, "profile_id",
                "1 to 64 of letters, digits, '.', '_', '-', beginning with a letter or digit");
        }
        return new Profile(fields.Text("profile_id"), models, providers, Rehearsal(fields, errors),
            Rag(fields, errors),
            PolicyFields.Read(fields, errors) with { EgressAllow = EgressFields.Read(fields, errors) },
            ForgeFields.Read(fields, errors))
        {
            RehearsalAt = fields.Value("rehearsal")?.At,
            EgressOpensTls = fields.Flag("egress_opens_tls"),
            McpServers = McpFields.Read(fields, errors),
            Sandbox = SandboxFields.Read(fields, errors),
        };
    }

    private static string? Rehearsal(YamlFields fields, List<Diagnostic> errors)
    {
        var file = fields.Text("rehearsal", 255);
        if (file is not null && (file.Length == 0 || Path.IsPathRooted(file) || file.Contains('\\')
            || file.Split('/').Any(part => part is ".." or "." or "")))
        {
            YamlFields.Wrong(errors, fields.Value("rehearsal")!, "rehearsal",
                "a relative path below the profile");
        }
        return file;
    }

    private static ModelProvider? Provider(string name, YamlValue value, List<Diagnostic> errors)
    {
        var where = $"providers.{name}";
        if (YamlFields.Of(value, where, errors, "base_url", "api_key_env", "prices") is not { } fields
            || !NameIsValid(name, value, where, errors))
        {
            return null;
        }
        _ = fields.Required("base_url");
        var prices = fields.Entries("prices")
            .Select(e => (e.Name, Price: Price($"{where}.prices", e.Value, errors)))
            .Where(e => e.Price is not null)
            .ToImmutableSortedDictionary(e => e.Name, e => e.Price!.Value, StringComparer.Ordinal);
        var keyName = KeyName(fields, where, errors);
        return Url(fields, where, errors) is { } url ? new(name, url, keyName, prices) : null;
    }

    private static ModelAlias? Alias(string name, YamlValue value, List<Diagnostic> errors)
    {
        var where = $"models.{name}";
        if (!NameIsValid(name, value, where, errors))
        {
            return null;
        }
        if (value is YamlScalar { IsNull: false, Text.Length: > 0 and <= 200 } model)
        {
            return new(name, model.Text);
        }
        if (YamlFields.Of(value, where, errors, "provider", "model", "base_url", "api_key_env", "price")
            is not { } fields)
        {
            return null;
        }
        var named = fields.Required("model", 200);
        var price = fields.Value("price") is { } given ? Price($"{where}.price", given, errors) : null;
        return new(name, named ?? "", fields.Text("provider", IdRule.LengthMax), Url(fields, where, errors),
            KeyName(fields, where, errors), price);
    }

    private static TokenPrice? Price(string where, YamlValue value, List<Diagnostic> errors)
    {
        var fields = YamlFields.Of(value, where, errors, "input_usd_per_million", "output_usd_per_million");
        _ = fields?.Required("input_usd_per_million");
        _ = fields?.Required("output_usd_per_million");
        return fields?.Number("input_usd_per_million", 0, 1_000_000) is { } input
            && fields.Number("output_usd_per_million", 0, 1_000_000) is { } output ? new(input, output)
                : null;
    }

    // A key travels to this address: plain HTTP only to this machine. Userinfo would be a secret in a file.
    private static Uri? Url(YamlFields fields, string where, List<Diagnostic> errors)
    {
        if (fields.Text("base_url") is not { } text)
        {
            return null;
        }
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.UserInfo.Length + url.Query.Length
            + url.Fragment.Length == 0 && (url.Scheme == Uri.UriSchemeHttps
                || (url.Scheme == Uri.UriSchemeHttp
                    && (url.IsLoopback || fields.Value("api_key_env") is null))))
        {
            return url;
        }
        YamlFields.Wrong(errors, fields.Value("base_url")!, $"{where}.base_url",
            "an https address without user, "
            + "query or fragment (http on this machine, or where no key is sent)");
        return null;
    }

    private static string? KeyName(YamlFields fields, string where, List<Diagnostic> errors)
    {
        var name = fields.Text("api_key_env", 128);
        if (name is not null && (name.Length == 0 || char.IsAsciiDigit(name[0])
            || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')))
        {
            // the value itself is not shown: the likeliest mistake is the key in place of its name
            errors.Add(new(fields.Value("api_key_env")!.At, new("AEGIS2314",
                $"{where}.api_key_env has the wrong kind of value",
                    "the name of the secret, such as OPENAI_API_KEY",
                Mend: "a key itself never stands in a profile")));
        }
        return name;
    }

    private static bool NameIsValid(string name, YamlValue value, string where, List<Diagnostic> errors)
    {
        if (!IdRule.IsValid(name))
        {
            errors.Add(new(value.At, new("AEGIS2314", $"{where} has a wrong name",
                "1 to 64 of letters, digits, '.', '_', '-'", name, "rename it")));
        }
        return IdRule.IsValid(name);
    }

    private static ImmutableArray<RagCollection> Rag(YamlFields fields, List<Diagnostic> errors)
    {
        if (fields.Value("rag") is not { } value
            || YamlFields.Of(value, "rag", errors, "collections") is not { } rag)
        {
            return [];
        }
        return [.. rag.Items("collections").Select(item => Collection(item, errors)).OfType<RagCollection>()];
    }

    private static RagCollection? Collection(YamlValue item, List<Diagnostic> errors)
    {
        if (YamlFields.Of(item, "rag.collections", errors, "name", "filters") is not { } fields)
        {
            return null;
        }
        var filters = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in fields.Entries("filters"))
        {
            if (value is YamlScalar text)
            {
                filters[name] = text.Text;
            }
            else
            {
                YamlFields.Wrong(errors, value, $"rag.collections.filters.{name}", "text");
            }
        }
        return fields.Required("name", IdRule.LengthMax) is { } named ? new(named, filters.ToImmutable())
            : null;
    }
}
