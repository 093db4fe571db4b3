using System.Collections.Immutable;

namespace Aegis.Core.Findings.CodeRules;

/// <summary>The findings of a file: each rule once a line, in the order of the file.</summary>
internal sealed class FoundCode(string path, CodeSource source)
{
    private readonly List<Finding> findings = [];
    private readonly HashSet<(string Rule, int Line)> seen = [];

    public ImmutableArray<Finding> All =>
        [.. findings.OrderBy(finding => finding.Line)
            .ThenBy(finding => finding.Rule, StringComparer.Ordinal)];

    public void Add(CodeRule rule, int at)
    {
        if (findings.Count < CodeScan.FindingsMax && seen.Add((rule.Id, source[at].Line)))
        {
            findings.Add(new Finding(rule.Id, CodeScan.Tool, rule.Severity, path, source[at].Line,
                source.Column(at), $"{rule.Message} (CWE-{rule.Cwe})", rule.Mend));
        }
    }
}
