using System.Collections.Immutable;
using System.Text.Json;

namespace Aegis.Core.Findings;

/// <summary>What a review asks for: from which severity a finding blocks, and which scanners must have run
/// where which kinds of files are present. Data: the built-in ones are JSON beside this file.</summary>
public sealed record RuleSet(string Name, FindingSeverity BlocksFrom,
    ImmutableArray<RequiredScanner> MustRun)
{
    private const string Folder = "Aegis.Core.Findings.RuleSets.";

    /// <summary><c>default</c> and <c>strict</c>; null for any other name.</summary>
    public static RuleSet? Find(string name)
    {
        using var stream = name.All(char.IsAsciiLetterLower)
            ? typeof(RuleSet).Assembly.GetManifestResourceStream($"{Folder}{name}.json") : null;
        return stream is null ? null : Read(stream);
    }

    public bool Blocks(Finding finding) => finding.Severity >= BlocksFrom;

    private static RuleSet Read(Stream json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        return new(root.GetProperty("name").GetString()!,
            Enum.Parse<FindingSeverity>(root.GetProperty("blocks_from").GetString()!, ignoreCase: true),
            [.. root.GetProperty("must_run").EnumerateArray().Select(entry => new RequiredScanner(
                entry.GetProperty("scanner").GetString()!, entry.GetProperty("where").GetString()))]);
    }
}

/// <param name="Where">The kind of file (<c>js</c>, <c>py</c>, <c>sh</c>) whose presence asks for it; null
/// for always.</param>
public sealed record RequiredScanner(string Scanner, string? Where);
