using System.Collections.Immutable;
using Aegis.Core.Agents;
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
            "locality", "generation", "routing", "cache", "rehearsal", "record", "rag", "policies", "forge",
            "egress_allow", "egress_opens_tls", "mcp", "sandbox", "agents", "chat");
        var profile = fields is null ? null : Read(fields, errors);
        // what stands for a value that was refused is wrong for nobody
        var told = errors.Where((e, i) => i < refusedCount || !refused.Contains(e.At));
        return errors.Count == 0 ? new(profile, []) : new(null, [.. told.OrderBy(e => e.At.Line)
            .ThenBy(e => e.At.Column)]);
    }

    private static Profile Read(YamlFields fields, List<Diagnostic> errors)
    {
        if (fields.Text("profile_id") is { } id && !IdRule.IsValid(id))
        {
            YamlFields.Wrong(errors, fields.Value("profile_id")!, "profile_id",
                "1 to 64 of letters, digits, '.', '_', '-', beginning with a letter or digit");
        }
        return new Profile(fields.Text("profile_id"), AliasFields.Read(fields, errors),
            ModelProviderFields.Read(fields, errors), Rehearsal(fields, errors), Rag(fields, errors),
            PolicyFields.Read(fields, errors) with { EgressAllow = EgressFields.Read(fields, errors) },
            ForgeFields.Read(fields, errors))
        {
            RehearsalAt = fields.Value("rehearsal")?.At,
            Record = Record(fields, errors),
            EgressOpensTls = fields.Flag("egress_opens_tls"),
            McpServers = McpFields.Read(fields, errors),
            Sandbox = SandboxFields.Read(fields, errors),
            Agents = AgentFields.Read(fields, errors, BuiltInAgents.All),
            Generation = GenerationFields.Read(fields, errors),
            Routing = RoutingFields.Read(fields, errors),
            Cache = CacheFields.Read(fields, errors),
            Chat = ChatFields.Read(fields, errors),
            IsLocal = ModelProviderFields.IsLocal(fields),
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

    private static string? Record(YamlFields fields, List<Diagnostic> errors)
    {
        var name = fields.Text("record");
        if (name is not null && (name.Length > Profile.RecordCharsMax || !IdRule.IsValid(name)))
        {
            YamlFields.Wrong(errors, fields.Value("record")!, "record", $"1 to {Profile.RecordCharsMax} of "
                + "letters, digits, '.', '_', '-', beginning with a letter or digit");
        }
        if (name is not null && fields.Value("rehearsal") is not null)
        {
            YamlFields.Wrong(errors, fields.Value("record")!, "record",
                "nothing, since a rehearsal answers: only real conversations are recorded");
        }
        return name;
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
