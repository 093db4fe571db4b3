using Aegis.Core.Findings;
using Aegis.Core.Findings.Dependencies;

namespace Aegis.Core.Tests.Findings.Dependencies;

public sealed class DependencyScanTests
{
    private const string Lock = """
        {"lockfileVersion":3,"packages":{"":{"dependencies":{"express":"^4.0.0"}},
        "node_modules/express":{"version":"4.0.0","resolved":"https://r.example/express.tgz","integrity":"x",
        "license":"MIT"}}}
        """;

    [Theory]
    [InlineData("expres", "express")]
    [InlineData("exprses", "express")]
    [InlineData("expresss", "express")]
    [InlineData("cross_env", "cross-env")]
    [InlineData("l0dash", "lodash")]
    [InlineData("express", null)]
    [InlineData("a-name-like-no-other", null)]
    public void Names_ThatResembleAPopularOne_AreFound(string name, string? popular) =>
        Assert.Equal(popular, PopularNames.Of(Ecosystem.Npm).Find(name)?.Popular);

    [Theory]
    [InlineData("reqeusts==1.0", "aegis-dep-typosquat")]
    [InlineData("requests", "aegis-dep-unpinned")]
    [InlineData("git+https://example.com/x.git", "aegis-dep-source")]
    [InlineData("our-own-thing @ http://example.com/x.whl", "aegis-dep-source")]
    [InlineData("--extra-index-url https://pypi.example.com/simple", "aegis-dep-confusion")]
    [InlineData("acme-internal-auth==1.0", "aegis-dep-confusion")]
    [InlineData("requests==2.32.0", null)]
    [InlineData("# reqeusts", null)]
    public void Requirements_AreJudged(string line, string? rule) =>
        Assert.Equal(rule, Scan(("requirements.txt", line)).FirstOrDefault()?.Rule);

    [Theory]
    [InlineData("serde_jsom = \"1\"", "aegis-dep-typosquat", FindingSeverity.Error)]
    [InlineData("serde-json = \"1\"", "aegis-dep-typosquat", FindingSeverity.Error)]
    [InlineData("tokoi = \"1\"", "aegis-dep-typosquat", FindingSeverity.Warning)]
    [InlineData("tokio = \"1\"", null, FindingSeverity.Note)]
    [InlineData("my-own-crate = \"1\"", null, FindingSeverity.Note)]
    public void Crates_ThatResembleAPopularOne_AreFound(string line, string? rule, FindingSeverity severity)
    {
        var found = Scan(("Cargo.toml", $"[dependencies]\n{line}\n"), ("Cargo.lock", "")).FirstOrDefault();
        Assert.Equal(rule, found?.Rule);
        Assert.Equal(severity, found?.Severity ?? FindingSeverity.Note);
    }

    [Theory]
    [InlineData("Cargo.toml", "[dependencies]\na = { git = \"https://g.example/a\" }",
        "a git+https://g.example/a 2")]
    [InlineData("Cargo.toml", "[dependencies]\na = { path = \"../a\", version = \"1\" }", "a file:../a 2")]
    [InlineData("Cargo.toml", "[workspace.dependencies]\nA_b = \"1.2\" # why", "A_b 1.2 2")]
    [InlineData("Cargo.toml", "[dependencies.c]\nversion = \"3\"", "c 3 2")]
    [InlineData("Cargo.toml", "[dependencies]\nx = { version = \"4\", package = \"real\" }", "real 4 2")]
    [InlineData("pyproject.toml", "[project]\ndependencies = [\n  \"A_B[x]>=1\",\n]", "A_B >=1 3")]
    [InlineData("pyproject.toml", "[project]\ndependencies = [\"a @ https://p.example/a.whl\"]",
        "a https://p.example/a.whl 2")]
    [InlineData("pyproject.toml", "[tool.poetry.dependencies]\npython = \"^3\"\nb = \"^1\"", "b ^1 3")]
    public void Toml_IsReadAsVaccinesReadIt(string path, string text, string dependency)
    {
        var reader = new DependencyReader();
        reader.Read(path, text);
        var asked = Assert.Single(reader.Tree.Asked);
        Assert.Equal(dependency, $"{asked.Name} {asked.Asked} {asked.Line}");
    }

    [Theory]
    [InlineData(Ecosystem.Npm)]
    [InlineData(Ecosystem.PyPi)]
    [InlineData(Ecosystem.NuGet)]
    [InlineData(Ecosystem.Crates)]
    public void Names_AtTheLimitOfTheirLength_AreCompared_AndLongerOnesAreNot(Ecosystem ecosystem)
    {
        // nothing popular is so long: what is asked is that neither end throws or compares
        Assert.Null(PopularNames.Of(ecosystem).Find(new string('x', PopularNames.CharsMax)));
        Assert.Null(PopularNames.Of(ecosystem).Find(new string('x', PopularNames.CharsMax + 1)));
        Assert.Null(PopularNames.Of(ecosystem).Find(new string('x', PopularNames.CharsMin - 1)));
    }

    [Theory]
    [InlineData("""{"dependencies":{"express":"^4.0.0"}}""", null)]
    [InlineData("""{"dependencies":{"express":"^5.0.0"}}""", "aegis-dep-lock-disagrees")]
    [InlineData("""{"dependencies":{"express":"^4.0.0","expres":"^4.0.0"}}""", "aegis-dep-typosquat")]
    [InlineData("""{"dependencies":{"express":"user/express"}}""", "aegis-dep-source")]
    [InlineData("{", "aegis-dep-unreadable")]
    public void PackageJson_IsHeldAgainstItsLock(string manifest, string? rule)
    {
        Assert.Equal(rule, Scan(("package.json", manifest), ("package-lock.json", Lock))
            .FirstOrDefault()?.Rule);
    }

    [Fact]
    public void Lock_ThatIsMissing_MixedOrWithoutHashes_IsAFinding()
    {
        Assert.Equal("aegis-dep-no-lock",
            Assert.Single(Scan(("package.json", """{"dependencies":{"express":"^4.0.0"}}"""))).Rule);
        var mixed = Lock.Replace("\"license\":\"MIT\"}",
            "\"license\":\"MIT\"},\"node_modules/ms\":{\"version\":\"1\","
            + "\"resolved\":\"https://other.example/ms.tgz\"}", StringComparison.Ordinal);
        Assert.Equal(["aegis-dep-mixed-registries", "aegis-dep-no-hash"], Scan(("package-lock.json", mixed),
            ("package.json", """{"dependencies":{"express":"^4.0.0"}}""")).Select(finding => finding.Rule));
    }

    [Theory]
    [InlineData("MIT", null)]
    [InlineData("GPL-3.0-only", "aegis-licence-denied")]
    [InlineData("(MIT OR GPL-3.0)", null)]
    [InlineData("MIT AND AGPL-3.0-or-later", "aegis-licence-denied")]
    [InlineData("LGPL-3.0", null)]
    [InlineData("", "aegis-licence-unknown")]
    [InlineData(null, "aegis-licence-unknown")]
    public void Licences_AreHeldAgainstTheRuleSet(string? licence, string? rule) =>
        Assert.Equal(rule, Licences.Of([new LicensedPackage("a", "1", licence, "package-lock.json")],
            RuleSet.Find("auditor")!.Licences).FirstOrDefault()?.Rule);

    private static List<Finding> Scan(params (string Path, string Text)[] files)
    {
        var reader = new DependencyReader();
        foreach (var (path, text) in files)
        {
            reader.See(path);
            reader.Read(path, text);
        }
        return [.. DependencyScan.Of(reader.Tree)];
    }
}
