using System.Collections.Immutable;

namespace Aegis.Core.Findings;

/// <summary>What a rule set says of a review.</summary>
/// <param name="Blocking">The findings that block, gravest first.</param>
/// <param name="Missing">Scanners that had to run and did not.</param>
public sealed record ReviewVerdict(ImmutableArray<Finding> Blocking, ImmutableArray<ScannerRun> Missing)
{
    public bool Passed => Blocking.IsEmpty && Missing.IsEmpty;

    public static ReviewVerdict Of(RuleSet rules, IReadOnlySet<string> kinds,
        IReadOnlyCollection<ScannerRun> scanners,
        IEnumerable<Finding> findings)
    {
        var missing = rules.MustRun
            .Where(required => required.Where is null || kinds.Contains(required.Where))
            .Select(required => scanners.FirstOrDefault(s => s.Name == required.Scanner)
                ?? new ScannerRun(required.Scanner, false, null, 0, 0, "it is not known here"))
            .Where(scanner => !scanner.Ran);
        return new([.. findings.Where(rules.Blocks).OrderByDescending(f => f.Severity)], [.. missing]);
    }
}
