using System.Collections.Immutable;
using Aegis.Core.Languages;

namespace Aegis.Core.Findings.CodeRules;

/// <summary>The findings of a file: each rule once a line, in the order of the file.</summary>
internal sealed class FoundCode(string path, CodeSource source)
{
    private const int HardCodedCredential = 798;

    private readonly List<Finding> findings = [];
    private readonly bool isTest = TestPaths.IsForTests(path);
    private readonly HashSet<(string Rule, int Line)> seen = [];

    public ImmutableArray<Finding> All =>
        [.. findings.OrderBy(finding => finding.Line)
            .ThenBy(finding => finding.Rule, StringComparer.Ordinal)];

    public void Add(CodeRule rule, int at)
    {
        if (findings.Count < CodeScan.FindingsMax && seen.Add((rule.Id, source[at].Line)))
        {
            // a test makes up passwords; what has the form of a real key is found by "secrets" there too
            var severity = isTest && rule.Cwe == HardCodedCredential ? FindingSeverity.Note : rule.Severity;
            findings.Add(new Finding(rule.Id, CodeScan.Tool, severity, path, source[at].Line,
                source.Column(at), $"{rule.Message} (CWE-{rule.Cwe})", rule.Mend));
        }
    }
}
