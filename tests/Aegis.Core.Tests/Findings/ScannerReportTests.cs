using System.Text.Json;
using Aegis.Core.Findings;

namespace Aegis.Core.Tests.Findings;

/// <summary>Reports of scanners; Samples/README.md says where each comes from.</summary>
public sealed class ScannerReportTests
{
    [Fact]
    public void Sarif_OfTheCompiler_GivesWhatIsNotSuppressed()
    {
        var read = SarifReader.Read(Sample("roslyn.sarif"), "roslyn", "/work/app");
        Assert.Equal((1, null), (read.Suppressed, read.Failure));
        Assert.Equal(["CS0169 5:24", "CA5351 7:47", "CA1823 5:24"],
            read.Findings.Select(f => $"{f.Rule} {f.Line}:{f.Column}"));
        var first = read.Findings[1];
        Assert.Equal(("roslyn", FindingSeverity.Warning, "src/Shelf.cs",
            "Hash uses a broken cryptographic algorithm MD5"),
            (first.Tool, first.Severity, first.File, first.Message));
        Assert.StartsWith("see https://", first.Mend, StringComparison.Ordinal);
    }

    [Fact]
    public void Sarif_SecuritySeverity_MakesAFindingGraver()
    {
        var read = SarifReader.Read(Sample("trivy-form.sarif"), "trivy", "/work/app");
        Assert.Equal(
            [
                new Finding("CVE-0000-0001", "trivy", FindingSeverity.Error,
                    "deep folder/package-lock.json", 12, 1, "Package: stock\nInstalled Version: 1.0.0",
                    "see https://example.org/CVE-0000-0001"),
                new Finding("CVE-0000-0002", "trivy", FindingSeverity.Warning, "package-lock.json", 1, null,
                    "Package: stock"),
                new Finding("CVE-0000-0003", "trivy", FindingSeverity.Note, ".", 1, null, "stock: odd boxes"),
            ], read.Findings.ToList());
    }

    [Fact]
    public void Sarif_WithoutLevels_IsAWarning() => Assert.Equal(
        [new Finding("github-pat", "gitleaks", FindingSeverity.Warning, "config.txt", 3, 7,
            "github-pat has detected secret for file config.txt.")],
        SarifReader.Read(Sample("gitleaks-form.sarif"), "gitleaks", "/work/app").Findings.ToList());

    [Fact]
    public void Sarif_WithoutLevels_IsWhatTheScannerMeans() => Assert.Equal(FindingSeverity.Error,
        SarifReader.Read(Sample("gitleaks-form.sarif"), "gitleaks", "/work/app", FindingSeverity.Error)
            .Findings.Single().Severity);

    [Fact]
    public void Sarif_LevelNone_IsANote() => Assert.Equal(
        [(FindingSeverity.Warning, "Dockerfile", 1), (FindingSeverity.Note, "Dockerfile", 2)],
        SarifReader.Read(Sample("hadolint-form.sarif"), "hadolint", "/work/app").Findings
            .Select(f => (f.Severity, f.File, f.Line)));

    [Theory]
    [InlineData("""{"kind":"pass","ruleId":"R"}""", 0)]
    [InlineData("""{"kind":"notApplicable","ruleId":"R"}""", 0)]
    [InlineData("""{"baselineState":"absent","ruleId":"R"}""", 0)]
    [InlineData("""{"ruleId":"R","suppressions":[{"kind":"external","status":"accepted"}]}""", 0)]
    [InlineData("""{"ruleId":"R","suppressions":[{"kind":"external","status":"underReview"}]}""", 1)]
    [InlineData("""{"ruleId":"R","suppressions":[]}""", 1)]
    [InlineData("""{"kind":"review","level":"error","ruleId":"R"}""", 1)]
    public void Sarif_ResultsThatAreNoFindings_AreLeftOut(string result, int count) =>
        Assert.Equal(count, Read("{\"tool\":{\"driver\":{\"name\":\"t\"}},\"results\":[" + result + "]}")
            .Findings.Length);

    [Fact]
    public void Sarif_MessagesAndRulesByReference_AreFound()
    {
        var finding = Assert.Single(Read("""
            {"tool":{"driver":{"name":"t","rules":[]},"extensions":[{"name":"e","rules":[{"id":"R",
              "defaultConfiguration":{"level":"error"},
              "messageStrings":{"m":{"text":"{0} is not {1}"}}}]}]},
             "results":[{"ruleId":"R/sub","message":{"id":"m","arguments":["a","b"]}}]}
            """).Findings);
        Assert.Equal(("R/sub", FindingSeverity.Error, "a is not b"),
            (finding.Rule, finding.Severity, finding.Message));
    }

    [Fact]
    public void Sarif_OfAScannerThatFailed_SaysSo()
    {
        Assert.Equal("out of memory", Read("""
            {"tool":{"driver":{"name":"t"}},"invocations":[{"executionSuccessful":false,
             "toolExecutionNotifications":[{"message":{"text":"out of memory"}}]}],"results":[]}
            """).Failure);
        Assert.NotNull(SarifReader.Read(Json("""{"version":"2.1.0","runs":[]}"""), "t", "/w").Failure);
    }

    [Fact]
    public void Sarif_AtTheLimitAndPast()
    {
        string Log(int count) => "{\"tool\":{\"driver\":{\"name\":\"t\"}},\"results\":["
            + string.Join(',', Enumerable.Repeat("{\"ruleId\":\"R\"}", count)) + "]}";
        Assert.Equal(SarifReader.FindingsMax, Read(Log(SarifReader.FindingsMax)).Findings.Length);
        Assert.Throws<FormatException>(() => Read(Log(SarifReader.FindingsMax + 1)));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"version":"2.0.0","runs":[]}""")]
    [InlineData("""{"version":"2.1.0"}""")]
    [InlineData("""{"version":"2.1.0","runs":[{}]}""")]
    [InlineData("""{"version":"2.1.0","runs":[1]}""")]
    public void Sarif_AnythingElse_IsRefused(string json) =>
        Assert.Throws<FormatException>(() => SarifReader.Read(Json(json), "t", "/work/app"));

    [Fact]
    public void NpmAudit_EachAdvisory_IsAFindingOnce() => Assert.Equal(
        [
            ("GHSA-aaaa-bbbb-cccc", FindingSeverity.Error, "boxes <1.2.6: Prototype pollution in boxes"),
            ("GHSA-dddd-eeee-ffff", FindingSeverity.Warning, "boxes <1.2.3: Slow pattern in boxes"),
            ("npm-1003", FindingSeverity.Note, "shelf *: Noise"),
        ], NpmAudit.Read(Sample("npm-audit-form.json"), "package-lock.json")
            .Select(f => (f.Rule, f.Severity, f.Message)));

    [Theory]
    [InlineData("""{"message":"405 Method Not Allowed","error":{}}""", "405 Method Not Allowed")]
    [InlineData("""{"auditReportVersion":1}""", "version 2")]
    [InlineData("""{"auditReportVersion":2}""", "audit report")]
    [InlineData("""{"auditReportVersion":2,"vulnerabilities":{"a":{"via":[{"severity":"odd"}]}}}""", "odd")]
    public void NpmAudit_AnythingElse_IsRefusedWithItsWords(string json, string said) => Assert.Contains(said,
        Assert.Throws<FormatException>(() => NpmAudit.Read(Json(json), "package-lock.json")).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Sonar_BothForms_AreRead()
    {
        Assert.Equal(
            [
                new Finding("test:rule1", "sonar", FindingSeverity.Error, "sources/A.java", 30, 10,
                    "a grave thing"),
                new Finding("test:rule2", "sonar", FindingSeverity.Note, "sources/B.java", 1, null,
                    "a small thing"),
            ], SonarIssues.Read(Sample("sonar-old-form.json")).ToList());
        Assert.Equal([new Finding("test:rule1", "sonar", FindingSeverity.Warning, "sources/A.java", 3, null,
            "A rule")], SonarIssues.Read(Sample("sonar-form.json")).ToList());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"issues":[{}]}""")]
    [InlineData("""{"issues":[{"ruleId":"a","severity":"ODD","primaryLocation":{"filePath":"a"}}]}""")]
    public void Sonar_AnythingElse_IsRefused(string json) =>
        Assert.Throws<FormatException>(() => SonarIssues.Read(Json(json)));

    [Fact]
    public void Findings_OfNpmAndSonar_AtTheLimitAndPast()
    {
        string Npm(int count) => "{\"auditReportVersion\":2,\"vulnerabilities\":{\"a\":{\"via\":["
            + string.Join(',', Enumerable.Range(0, count)
                .Select(n => $"{{\"source\":{n},\"severity\":\"low\"}}"))
            + "]}}}";
        string Sonar(int count) => "{\"issues\":[" + string.Join(',',
            Enumerable.Repeat("{\"ruleId\":\"r\",\"primaryLocation\":{\"filePath\":\"f\"}}", count)) + "]}";
        Assert.Equal(NpmAudit.FindingsMax, NpmAudit.Read(Json(Npm(NpmAudit.FindingsMax)), "l").Length);
        Assert.Throws<FormatException>(() => NpmAudit.Read(Json(Npm(NpmAudit.FindingsMax + 1)), "l"));
        Assert.Equal(SonarIssues.FindingsMax, SonarIssues.Read(Json(Sonar(SonarIssues.FindingsMax))).Length);
        Assert.Throws<FormatException>(() => SonarIssues.Read(Json(Sonar(SonarIssues.FindingsMax + 1))));
    }

    [Fact]
    public void RuleSet_Complete_AsksForEveryScanner()
    {
        var rules = RuleSet.Find("complete")!;
        Assert.Equal(FindingSeverity.Warning, rules.BlocksFrom);
        Assert.Equal(["secrets", "semgrep", "trivy", "gitleaks"],
            rules.MustRun.Where(required => required.Where is null).Select(required => required.Scanner));
    }

    private static SarifFindings Read(string run) => SarifReader.Read(
        Json("{\"version\":\"2.1.0\",\"runs\":[" + run + "]}"), "t", "/work/app");

    private static JsonElement Sample(string name) => Json(File.ReadAllText(
        Path.Combine(AppContext.BaseDirectory, "Findings/Samples", name)));

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
