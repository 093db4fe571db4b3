using System.Collections.Immutable;
using System.Globalization;
using Aegis.Core.Plans;
using Aegis.Core.Plans.Source;

namespace Aegis.Core.Artifacts;

/// <summary>Reads members of a front matter one by one; what is wrong goes to the list with its
/// place.</summary>
internal sealed class FrontMatterFields(MappingNode map, DiagnosticList found)
{
    /// <summary>Members that the product writes; all others are the author's own.</summary>
    public static readonly ImmutableHashSet<string> Reserved =
    [
        "artifact_id", "tenant_id", "project_id", "task_id", "path", "media_type", "content_hash",
        "content_bytes", "version", "hash_prev", "hash_curr", "signer", "key_id", "schema_version", "status",
        "created_at", "updated_at", "links", "signature",
    ];

    public bool Has(string name) => map[name] is not null;

    /// <summary>Null where it is not there.</summary>
    public string? Optional(string name, Func<string, bool> isValid, string expected)
    {
        if (map[name] is not { } node)
        {
            return null;
        }
        if (node is ScalarNode { IsNull: false } scalar && isValid(scalar.Text))
        {
            return scalar.Text;
        }
        found.Add(node, "AEGIS1161", $"{name} is malformed", expected, node.KindShown);
        return null;
    }

    /// <summary>Empty where it is missing or malformed; the list has the reason then.</summary>
    public string Required(string name, Func<string, bool> isValid, string expected)
    {
        if (map[name] is null)
        {
            found.Add(map, "AEGIS1162", $"{name} is missing", expected);
        }
        return Optional(name, isValid, expected) ?? "";
    }

    public long Number(string name, long min, long max)
    {
        var text = Required(name,
            t => t.All(char.IsAsciiDigit) && long.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture,
                out var number) && number >= min && number <= max, $"a number from {min} to {max}");
        return text.Length == 0 ? 0 : long.Parse(text, CultureInfo.InvariantCulture);
    }

    public DateTimeOffset Time(string name)
    {
        DateTimeOffset at = default;
        Required(name, t => DateTimeOffset.TryParseExact(t, FrontMatterWriter.TimeFormat,
            CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out at),
            "a time such as 2025-11-08T13:58:12.000000Z");
        return at;
    }

    public string? Status() =>
        Optional("status", ArtifactRules.Statuses.Contains, ArtifactRules.StatusesShown);

    public ImmutableArray<ArtifactLink>? Links()
    {
        if (map["links"] is not { } node)
        {
            return null;
        }
        if (node is not SequenceNode list)
        {
            found.Add(node, "AEGIS1163", "links is no list", "a list of { type, ref }", node.KindShown);
            return null;
        }
        if (list.Items.Length > ArtifactLimits.LinksMax)
        {
            found.Add(node, "AEGIS1166", "there are too many links", $"at most {ArtifactLimits.LinksMax}",
                $"{list.Items.Length}");
            return null;
        }
        return [.. list.Items.Select(Link).Where(l => l is not null).Select(l => l!)];
    }

    public ImmutableArray<ArtifactExtra> Extra()
    {
        var own = map.Members.Where(m => !Reserved.Contains(m.Key.Text)).ToList();
        if (own.Count > ArtifactLimits.ExtraMax)
        {
            found.Add(own[ArtifactLimits.ExtraMax].Key, "AEGIS1166", "there are too many members",
                $"at most {ArtifactLimits.ExtraMax} beside those of the product", $"{own.Count}");
            return [];
        }
        foreach (var wrong in own.Where(m => !IdRule.IsValid(m.Key.Text)))
        {
            found.Add(wrong.Key, "AEGIS1161", "a member's name is malformed",
                IdRule.Form,
                wrong.Key.KindShown);
        }
        return [.. own.OrderBy(m => m.Key.Text, StringComparer.Ordinal)
            .Select(m => new ArtifactExtra(m.Key.Text, CanonicalJson.Of(m.Value)))];
    }

    private ArtifactLink? Link(SourceNode node)
    {
        if (node is not MappingNode link)
        {
            found.Add(node, "AEGIS1163", "a link is no map", "{ type: depends_on, ref: T-1 }",
                node.KindShown);
            return null;
        }
        foreach (var member in link.Members.Where(m => m.Key.Text is not ("type" or "ref")))
        {
            found.Add(member.Key, "AEGIS1163", $"a link has no {member.Key.Text}", "type and ref");
        }
        var (type, target) = (link["type"] as ScalarNode, link["ref"] as ScalarNode);
        if (type is null || !IdRule.IsValid(type.Text))
        {
            found.Add(link["type"] ?? link, "AEGIS1163", "a link's type is missing or malformed",
                "a name such as depends_on", link["type"]?.KindShown);
        }
        if (target is null || !ArtifactRules.IsLinkRef(target.Text))
        {
            found.Add(link["ref"] ?? link, "AEGIS1163", "a link's ref is missing or malformed",
                $"1 to {ArtifactLimits.LinkRefCharsMax} printable characters", link["ref"]?.KindShown);
        }
        return type is null || target is null ? null : new ArtifactLink(type.Text, target.Text);
    }
}
