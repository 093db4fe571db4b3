using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Aegis.Core.Discovery;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;

namespace Aegis.Core.Audit.Controls;

/// <summary>A criterion of SOC 2, and what of it the ledger can show.</summary>
/// <param name="Title">In our own words.</param>
/// <param name="Events">Types of facts that are evidence.</param>
/// <param name="Records">Rows that are counted beside them: <see cref="ControlCatalogue.RecordKinds"/>.
/// </param>
/// <param name="Tables">Where else it lies.</param>
/// <param name="Human">What somebody must show who is no program.</param>
public sealed record Control(string Id, string Title, ImmutableArray<string> Events,
    ImmutableArray<string> Records, ImmutableArray<string> Tables, ImmutableArray<string> Doors,
    string Human);

/// <summary>Which facts are evidence for which criterion: <c>contracts/controls.yaml</c>.</summary>
/// <param name="Unserved">Criteria that nothing here speaks for, with the reason.</param>
/// <param name="Hash">SHA-256 of the file, 64 hex digits.</param>
public sealed record ControlCatalogue(ImmutableArray<Control> Controls,
    ImmutableSortedDictionary<string, string> Unserved, string Hash)
{
    public const int CharsMax = 64 * 1024;
    private const string File = "controls.yaml";

    private static readonly Lazy<ControlCatalogue> Shipped =
        new(() => Parse(ShippedText.Of(File), "contracts/" + File).Shipped());

    public static ControlCatalogue BuiltIn => Shipped.Value;

    /// <summary>Rows that are in no chain: keys made and revoked.</summary>
    public static ImmutableArray<string> RecordKinds { get; } = ["keys_created", "keys_revoked"];

    /// <summary>Those that are named, in the catalogue's order; all where none is. Throws with AEGIS2653 for
    /// one that is not there.</summary>
    public ImmutableArray<Control> Choose(IReadOnlyCollection<string> ids)
    {
        foreach (var id in ids.Where(id => Controls.All(c => c.Id != id)))
        {
            throw new AegisException(new AegisError("AEGIS2653", $"no evidence is kept for {id}",
                string.Join(", ", Controls.Select(c => c.Id)), id,
                Unserved.GetValueOrDefault(id) ?? "name criteria of contracts/controls.yaml"));
        }
        return ids.Count == 0 ? Controls : [.. Controls.Where(c => ids.Contains(c.Id))];
    }

    /// <summary>Every error at once, with its line and column.</summary>
    public static ParseResult<ControlCatalogue> Parse(string text, string file)
    {
        var errors = new List<Diagnostic>();
        var root = YamlSource.Load(text, file, CharsMax, errors);
        if (root is null || YamlFields.Of(root, file, errors, "controls", "unserved") is not { } fields)
        {
            return new(null, [.. errors]);
        }
        var controls = fields.Items("controls").Select(item => Read(item, errors)).OfType<Control>()
            .ToImmutableArray();
        var unserved = fields.Entries("unserved").ToImmutableSortedDictionary(
            e => e.Name, e => (e.Value as YamlScalar)?.Text ?? "", StringComparer.Ordinal);
        return errors.Count > 0 ? new(null, [.. errors]) : new(new(controls, unserved,
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))), []);
    }

    private static Control? Read(YamlValue item, List<Diagnostic> errors)
    {
        if (YamlFields.Of(item, "controls", errors, "id", "title", "events", "records", "tables", "doors",
            "human") is not { } fields)
        {
            return null;
        }
        fields.Need("events");
        return new Control(fields.Required("id", 16) ?? "", fields.Required("title", 200) ?? "",
            Words(fields, "events"), Words(fields, "records"), Words(fields, "tables"),
            Words(fields, "doors"), fields.Required("human", 400) ?? "");
    }

    private static ImmutableArray<string> Words(YamlFields fields, string name) =>
        [.. fields.Items(name).OfType<YamlScalar>().Select(s => s.Text)];
}
