using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;

namespace Aegis.Core.Policy.Tiers;

/// <summary>Reads <c>allowlist.json</c>: a map from a tier's name to its list of commands, or to
/// <c>{commands, quotas}</c>. JSON is YAML, so the errors have line and column like those of every other
/// file.</summary>
public static class TierBookParser
{
    public const int CharsMax = 256 * 1024;
    public const int TiersMax = 50;
    public const int CommandsMax = 1_000;

    public static ParseResult<TierBook> Parse(string text, string fileName)
    {
        var errors = new List<Diagnostic>();
        var root = YamlSource.Load(text, fileName, CharsMax, errors);
        if (root is null)
        {
            return new(null, errors.Count > 0 ? [.. errors] : [Empty(fileName)]);
        }
        var tiers = ImmutableSortedDictionary.CreateBuilder<string, Tier>(StringComparer.Ordinal);
        if (root is not YamlMap { Entries.Count: > 0 and <= TiersMax } map)
        {
            YamlFields.Wrong(errors, root, "the allow list", $"a map of 1 to {TiersMax} tiers");
            return new(null, [.. errors]);
        }
        foreach (var (key, value) in map.Entries)
        {
            if (!IdRule.IsValid(key.Text))
            {
                YamlFields.Wrong(errors, key, "a tier's name", "1 to 64 letters, digits, '.', '_', '-'");
            }
            tiers[key.Text] = ReadTier(key.Text, value, errors);
        }
        var version = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..12];
        return errors.Count == 0 ? new(new TierBook(tiers.ToImmutable(), version), [])
            : new(null, [.. errors.OrderBy(e => e.At.Line).ThenBy(e => e.At.Column)]);
    }

    private static Tier ReadTier(string name, YamlValue value, List<Diagnostic> errors)
    {
        if (value is YamlList list)
        {
            return new Tier(name, Commands(name, list, errors), TierQuotas.None);
        }
        if (YamlFields.Of(value, name, errors, "commands", "quotas") is not { } fields)
        {
            return new Tier(name, [], TierQuotas.None);
        }
        var commands = fields.Value("commands");
        if (commands is not YamlList given)
        {
            YamlFields.Wrong(errors, commands ?? value, $"{name}.commands", "a list of commands");
            return new Tier(name, [], TierQuotas.None);
        }
        return new Tier(name, Commands(name, given, errors), Quotas(name, fields, errors));
    }

    private static ImmutableArray<string> Commands(string name, YamlList list, List<Diagnostic> errors)
    {
        if (list.Items.Count > CommandsMax)
        {
            YamlFields.Wrong(errors, list, name, $"at most {CommandsMax} commands");
            return [];
        }
        var commands = ImmutableArray.CreateBuilder<string>();
        foreach (var item in list.Items)
        {
            if (item is not YamlScalar { IsNull: false } command)
            {
                YamlFields.Wrong(errors, item, name, "a command, such as git status");
            }
            else if (AllowEntry.Parse(command.Text).Error is { } error)
            {
                errors.Add(new(item.At, error));
            }
            else
            {
                commands.Add(command.Text);
            }
        }
        return commands.ToImmutable();
    }

    private static TierQuotas Quotas(string name, YamlFields tier, List<Diagnostic> errors) =>
        tier.Value("quotas") is { } value && YamlFields.Of(value, $"{name}.quotas", errors,
            ["calls_minute", .. AllowanceFields.Names]) is { } fields
            ? new TierQuotas((int?)fields.Integer("calls_minute", 1, 1_000_000),
                AllowanceFields.Read(fields, $"{name}.quotas", errors))
            : TierQuotas.None;

    private static Diagnostic Empty(string file) => new(new(file, 1, 1), new AegisError("AEGIS2315",
        "the allow list is empty", "a map from a tier's name to its commands", "nothing",
        "see docs/policy.md"));
}
