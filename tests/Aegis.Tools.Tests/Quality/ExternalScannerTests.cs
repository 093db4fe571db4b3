using Aegis.Gate;
using Aegis.Sandbox;
using Aegis.Tools.Tests.Quality.Support;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Quality;

/// <summary>How scanners that are not installed here are called and what becomes of their answers: small
/// programs stand in their places, in a folder as AEGIS_SCANNERS names, inside the real walls.</summary>
public sealed class ExternalScannerTests : IAsyncLifetime
{
    private const string Sarif = """
        {"version":"2.1.0","runs":[{"tool":{"driver":{"name":"t"}},"results":[{"ruleId":"R1","level":"error",
        "message":{"text":"bad"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"%s"},
        "region":{"startLine":2}}}]}]}]}
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("aegis-scanners-").FullName;
    private ReviewGate gate = null!;

    public async Task InitializeAsync()
    {
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        gate = new ReviewGate { Mounts = [new ReadOnlyMount(folder, "/opt/aegis/scanners")] };
        await gate.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await gate.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Scanners_ThatAreThere_RunOverTheirFiles()
    {
        Program("hadolint", "Haskell Dockerfile Linter 2.12.0", Printing("./Dockerfile"));
        Program("gitleaks", "8.18.1", """
            while [ $# -gt 0 ]; do [ "$1" = --report-path ] && out=$2; shift; done
            """ + "\n" + Printing("a.txt") + " > \"$out\"");
        Program("semgrep", "1.50.0",
            """[ "$5" = --disable-version-check ] || exit 2;""" + Printing("ignored/b.txt"));
        Program("trivy", "Version: 0.48.0", Printing("file:///work/app/a.txt"));
        Directory.CreateDirectory(Path.Combine(folder, "semgrep-rules"));
        Directory.CreateDirectory(Path.Combine(folder, "trivy-cache/db"));
        File.WriteAllText(Path.Combine(folder, "trivy-cache/db/trivy.db"), "a database");

        var result = await ReviewAsync("run_there", ("Dockerfile", "FROM x\nRUN y\n"), ("a.txt", "a\nb\n"));
        result.MustFail("AEGIS2380");
        QaReviewTests.AssertFinding(result, "error", "hadolint", "R1", "Dockerfile", 2);
        QaReviewTests.AssertFinding(result, "error", "gitleaks", "R1", "a.txt", 2);
        QaReviewTests.AssertFinding(result, "error", "trivy", "R1", "a.txt", 2);
        Assert.Equal(["2.12.0", "1.50.0", "0.48.0", "8.18.1"],
            ((string[])["hadolint", "semgrep", "trivy", "gitleaks"]).Select(
                name => QaReviewTests.Scanner(result, name, "version")));
        // semgrep looked where nothing is reviewed: told, not counted
        Assert.Equal(("ran", "0", "1 findings are in files that are not reviewed"),
            (QaReviewTests.Scanner(result, "semgrep", "status"),
            QaReviewTests.Scanner(result, "semgrep", "findings"),
            QaReviewTests.Scanner(result, "semgrep", "reason")));
    }

    [Fact]
    public async Task Scanners_ThatDidNotDoTheirWork_AreNotRunAndNeverPassed()
    {
        Program("hadolint", "2.12.0", "echo 'no such option' >&2; exit 1");
        Program("semgrep", "1.50.0", Printing("a.txt"));
        Program("trivy", "0.48.0", Printing("a.txt"));
        Program("gitleaks", "8.18.1", "echo '{}' > /tmp/gitleaks.sarif");
        var result = await ReviewAsync("run_not", ("Dockerfile", "FROM x\n"), ("package-lock.json", """
            {"name":"a","version":"1.0.0","lockfileVersion":3,"packages":{"":{"name":"a","version":"1.0.0",
            "dependencies":{"b":"1.0.0"}},"node_modules/b":{"version":"1.0.0"}}}
            """), ("package.json", """{"name":"a","version":"1.0.0","dependencies":{"b":"1.0.0"}}"""));
        result.MustFail("AEGIS2381");
        foreach (var (name, reason) in new[]
        {
            ("hadolint", "no such option"), ("semgrep", "there are no rules"),
            ("trivy", "there is no vulnerability database"), ("gitleaks", "its report cannot be read"),
            ("npm-audit", "npm has no advisories to compare with"), ("sonar", "no report was named"),
        })
        {
            Assert.Equal("not_run", QaReviewTests.Scanner(result, name, "status"));
            Assert.Contains(reason, QaReviewTests.Scanner(result, name, "reason"), StringComparison.Ordinal);
        }
        Assert.Contains("npm-audit", result.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sonar_AReportThatTheStepNames_IsTakenIn()
    {
        var context = await gate.OpenAsync("run_sonar", ("a.txt", "a\n"), ("out/sonar.json", """
            {"issues":[{"engineId":"e","ruleId":"r","severity":"CRITICAL","primaryLocation":
            {"message":"bad","filePath":"a.txt","textRange":{"startLine":1}}}]}
            """));
        var result = (await gate.CallAsync(context, "qa.review",
            new { sonar_report = "out/sonar.json" })).Result;
        result.MustFail("AEGIS2380");
        QaReviewTests.AssertFinding(result, "error", "sonar", "e:r", "a.txt", 1);
        var missing = (await gate.CallAsync(context, "qa.review", new { sonar_report = "none.json" })).Result;
        missing.MustWork();
        Assert.Equal("there is no file none.json", QaReviewTests.Scanner(missing, "sonar", "reason"));
        (await gate.CallAsync(context, "qa.review", new { sonar_report = "../../etc/passwd" })).Result
            .MustFail("AEGIS2001");
        await gate.CloseAsync(context);
    }

    private async Task<ToolResult> ReviewAsync(string run, params (string, string)[] files)
    {
        var context = await gate.OpenAsync(run, files);
        var result = (await gate.CallAsync(context, "qa.review", new { ruleset = "complete" })).Result;
        await gate.CloseAsync(context);
        return result;
    }

    private static string Printing(string path) =>
        $"printf '%s' '{Sarif.Replace("%s", path, StringComparison.Ordinal)}'";

    private void Program(string name, string version, string script)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, $"#!/bin/bash\ncase $1 in --version|version) echo '{version}'; exit;; esac\n"
            + script + "\n");
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
    }
}
