using System.Collections.Immutable;
using Aegis.Core.Findings;

namespace Aegis.Core.Tests.Findings;

public sealed class FindingsTests
{
    private static readonly Finding Note =
        new("B101", "bandit", FindingSeverity.Note, "a.py", 1, null, "assert");
    private static readonly Finding Warning =
        new("SC1", "shellcheck", FindingSeverity.Warning, "b.sh", 2, 3, "quote");
    private static readonly Finding Error =
        new("no-eval", "eslint", FindingSeverity.Error, "c d.js", 4, 5, "eval", "no");
    private static readonly ScannerRun Secrets = Ran("secrets");

    [Fact]
    public void Verdict_Default_BlocksFromErrorsAndAsksForTheSecretScan()
    {
        var rules = RuleSet.Find("default")!;
        var verdict = Of(rules, ["js", "py", "sh"], [Secrets], Note, Warning, Error);
        Assert.Equal([Error], verdict.Blocking.AsEnumerable());
        Assert.Empty(verdict.Missing);
        Assert.True(Of(rules, [], [Secrets], Note, Warning).Passed);
        Assert.Equal(["secrets"], Of(rules, [], []).Missing.Select(s => s.Name));
    }

    [Fact]
    public void Verdict_Strict_BlocksFromWarningsGravestFirst()
    {
        var verdict = Of(RuleSet.Find("strict")!, [], [Secrets], Note, Warning, Error);
        Assert.Equal([Error, Warning], verdict.Blocking.AsEnumerable());
        Assert.False(verdict.Passed);
    }

    [Theory]
    [InlineData("js", "eslint")]
    [InlineData("py", "bandit")]
    [InlineData("sh", "shellcheck")]
    public void Verdict_Strict_AsksForTheScannerOfEachKind(string kind, string scanner)
    {
        var rules = RuleSet.Find("strict")!;
        var absent = new ScannerRun(scanner, false, null, 0, 0, "is not installed");
        Assert.Equal([absent], Of(rules, [kind], [Secrets, absent]).Missing.AsEnumerable());
        Assert.True(Of(rules, [kind], [Secrets, Ran(scanner)]).Passed);
        Assert.True(Of(rules, [], [Secrets, absent]).Passed);
    }

    [Theory]
    [InlineData("lax")]
    [InlineData("")]
    [InlineData("Strict")]
    [InlineData("../strict")]
    public void Find_OtherNames_AreNoRuleSet(string name) => Assert.Null(RuleSet.Find(name));

    [Fact]
    public void Sarif_HasARunForEachScanner()
    {
        var absent = new ScannerRun("bandit", false, null, 0, 0, "is not installed");
        var sarif = SarifLog.Of([Ran("eslint"), absent], [Error]).GetRawText();
        Assert.Equal("""
            {"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[
            {"tool":{"driver":{"name":"eslint","rules":[{"id":"no-eval"}],"version":"1"}},
            "invocations":[{"executionSuccessful":true}],
            "results":[{"ruleId":"no-eval","ruleIndex":0,"level":"error","message":{"text":"eval (no)"},
            "locations":[{"physicalLocation":{"artifactLocation":{"uri":"c%20d.js"},
            "region":{"startLine":4,"startColumn":5}}}]}]},
            {"tool":{"driver":{"name":"bandit","rules":[]}},
            "invocations":[{"executionSuccessful":false,
            "toolExecutionNotifications":[{"level":"error","message":{"text":"is not installed"}}]}],
            "results":[]}]}
            """.Replace("\n", ""), sarif);
    }

    private static ScannerRun Ran(string name) => new(name, true, "1", 1, 0, null);

    private static ReviewVerdict Of(RuleSet rules, string[] kinds, ScannerRun[] scanners,
        params Finding[] findings) =>
        ReviewVerdict.Of(rules, kinds.ToImmutableHashSet(), scanners, findings);
}
