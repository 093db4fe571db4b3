using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using Aegis.Core.Findings.Dependencies;

namespace Aegis.Core.Findings;

/// <summary>What a review asks for: from which severity a finding blocks, and which scanners must have run
/// where which kinds of files are present. Data: the built-in ones are JSON beside this file.</summary>
public sealed record RuleSet(string Name, FindingSeverity BlocksFrom,
    ImmutableArray<RequiredScanner> MustRun)
{
    /// <summary>What it says of licences.</summary>
    public LicencePolicy Licences { get; private init; } = LicencePolicy.None;

    /// <summary>SHA-256 of its JSON, 64 hex digits: what a verdict was computed by.</summary>
    public string Hash { get; private init; } = "";

    private const string Folder = "Aegis.Core.Findings.RuleSets.";

    /// <summary><c>default</c>, <c>strict</c>, <c>complete</c>, <c>auditor</c>; null for any other
    /// name.</summary>
    public static RuleSet? Find(string name)
    {
        using var stream = name.All(char.IsAsciiLetterLower)
            ? typeof(RuleSet).Assembly.GetManifestResourceStream($"{Folder}{name}.json") : null;
        return stream is null ? null : Read(stream);
    }

    /// <summary>What a project says of single rules, in force.</summary>
    public ImmutableSortedDictionary<string, RuleWord> Words { get; private init; } =
        ImmutableSortedDictionary<string, RuleWord>.Empty;

    /// <summary>With what a project changes in it, as it stands at a moment. The hash is another where
    /// anything is.</summary>
    public RuleSet With(AuditRules own, DateTimeOffset now)
    {
        var words = own.Rules.Where(r => r.Value.IsInForce(now))
            .ToImmutableSortedDictionary(StringComparer.Ordinal);
        var from = own.BlocksFrom ?? BlocksFrom;
        if (words.IsEmpty && from == BlocksFrom)
        {
            return this;
        }
        var text = string.Join('\n', words.Select(w => $"{w.Key} {w.Value.Word}")
            .Prepend($"blocks_from {from}").Prepend(Hash));
        return this with
        {
            BlocksFrom = from,
            Words = words,
            Hash = Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text))),
        };
    }

    /// <summary>The finding as the project's word has it. It never goes away: one of a rule that is off stays
    /// as a note that says so.</summary>
    public Finding Judge(Finding finding)
    {
        if (!Words.TryGetValue(finding.Rule, out var word)
            || (word.Severity ?? FindingSeverity.Note) == finding.Severity)
        {
            return finding;
        }
        return finding with
        {
            Severity = word.Severity ?? FindingSeverity.Note,
            Message = finding.Message + (word.IsWaiver
                ? $" (by the profile {word.Word} until {word.Until:yyyy-MM-dd}: {word.Reason})"
                : " (by the profile an error)"),
        };
    }

    public bool Blocks(Finding finding) => finding.Severity >= BlocksFrom;

    private static RuleSet Read(Stream json)
    {
        using var bytes = new MemoryStream();
        json.CopyTo(bytes);
        using var document = JsonDocument.Parse(bytes.ToArray());
        var root = document.RootElement;
        return new(root.GetProperty("name").GetString()!,
            Enum.Parse<FindingSeverity>(root.GetProperty("blocks_from").GetString()!, ignoreCase: true),
            [.. root.GetProperty("must_run").EnumerateArray().Select(entry => new RequiredScanner(
                entry.GetProperty("scanner").GetString()!, entry.GetProperty("where").GetString()))])
        {
            Licences = root.TryGetProperty("licences", out var licences) ? Policy(licences)
                : LicencePolicy.None,
            Hash = Convert.ToHexStringLower(SHA256.HashData(bytes.ToArray())),
        };
    }

    private static LicencePolicy Policy(JsonElement licences) => new(
        [.. licences.GetProperty("denied").EnumerateArray().Select(id => id.GetString()!)],
        Severity(licences, "denied_severity"), Severity(licences, "unknown_severity"));

    private static FindingSeverity Severity(JsonElement owner, string name) =>
        Enum.Parse<FindingSeverity>(owner.GetProperty(name).GetString()!, ignoreCase: true);
}

/// <param name="Where">The kind of file (<c>js</c>, <c>py</c>, <c>sh</c>) whose presence asks for it; null
/// for always.</param>
public sealed record RequiredScanner(string Scanner, string? Where);
