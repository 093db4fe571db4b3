using System.Collections.Immutable;
using Aegis.Core.Deployments;
using Aegis.Core.Findings;

namespace Aegis.Core.Tests.Deployments;

public sealed class ContainerFileTests
{
    private static readonly string[] NodeFiles =
        ["package.json", "package-lock.json", "server.js", "test/a.test.js"];

    public static TheoryData<string> Kinds => ["node", "python", "dotnet", "static", "built"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void MadeFiles_BreakNoRule(string kind)
    {
        var facts = Facts(kind);
        var dockerfile = ContainerFiles.Dockerfile(facts, BaseImages.Of(facts));
        Assert.DoesNotContain(DockerfileLint.Check("Dockerfile", dockerfile),
            f => f.Severity != FindingSeverity.Note);
        Assert.Empty(ComposeCheck.Check("compose.yaml", ContainerFiles.Compose("app", facts)));
        Assert.Contains(".env\n", ContainerFiles.Ignore(facts));
    }

    [Theory]
    [InlineData(ComposeCheck.CharsMax, "")]
    [InlineData(ComposeCheck.CharsMax + 1, "not-readable")]
    public void Compose_IsReadUpToTheLimit(int chars, string rule)
    {
        var text = ContainerFiles.Compose("app", Facts("node")) + "#";
        Assert.Equal(rule, string.Join(' ',
            ComposeCheck.Check("compose.yaml", text + new string('x', chars - text.Length))
                .Select(f => f.Rule)));
    }

    [Theory]
    [InlineData("FROM node", "base-not-pinned")]
    [InlineData("FROM node:latest", "base-not-pinned")]
    [InlineData("FROM registry.example:5000/node", "base-not-pinned")]
    [InlineData("FROM node:22\nENV API_KEY=abc", "secret-in-image")]
    [InlineData("FROM node:22\nARG DB_PASSWORD", "secret-in-image")]
    [InlineData("FROM node:22\nADD https://x.example/a.tgz /a", "add-url")]
    [InlineData("FROM node:22\nRUN curl -fsSL https://x.example/i.sh | sh", "pipe-to-shell")]
    [InlineData("FROM node:22\nRUN curl -fsSL https://x.example/i.sh \\\n  | bash", "pipe-to-shell")]
    [InlineData("FROM node:22\nUSER root", "runs-as-root")]
    [InlineData("FROM node:22\nUSER 0:0", "runs-as-root")]
    [InlineData("FROM node:22\nUSER 7\nFROM node:22", "runs-as-root")]
    [InlineData("FROM node:22\nHEALTHCHECK NONE", "no-healthcheck")]
    [InlineData("FRMO node:22", "unknown-instruction")]
    [InlineData("", "no-base")]
    public void Dockerfile_ThatBreaksARule_HasItsFinding(string text, string rule) =>
        Assert.Contains(DockerfileLint.Check("Dockerfile", text), f => f.Rule == rule
            && f.Severity == FindingSeverity.Error && f.Mend is not null);

    [Fact]
    public void Dockerfile_WithDigest_IsPinned() => Assert.Empty(DockerfileLint.Check("Dockerfile", $"""
        FROM node:22@sha256:{new string('a', 64)} AS build
        FROM build
        USER 10001:10001
        HEALTHCHECK CMD ["true"]
        CMD ["node"]
        """));

    [Theory]
    [InlineData("services: {a: {image: 'x:1', privileged: true, healthcheck: {}}}", "privileged")]
    [InlineData("services: {a: {image: 'x:1', network_mode: host, healthcheck: {}}}", "host-namespace")]
    [InlineData("services: {a: {image: 'x:1', volumes: ['/run/docker.sock:/s']}}", "host-mounted")]
    [InlineData("services: {a: {image: 'x:latest', healthcheck: {}}}", "image-not-pinned")]
    [InlineData("services: {a: {image: 'x', healthcheck: {}}}", "image-not-pinned")]
    [InlineData("services: {a: {ports: ['80:80']}}", "no-image")]
    [InlineData("services: {a: {image: 'x:1', ports: ['eighty'], healthcheck: {}}}", "port-form")]
    [InlineData("services: {a: {image: 'x:1', environment: {DB_PASSWORD: hunter2}}}", "secret-in-file")]
    [InlineData("services: {a: {image: 'x:1', environment: ['TOKEN=abc']}}", "secret-in-file")]
    [InlineData("service: {a: {image: 'x:1'}}", "unknown-member")]
    [InlineData("[1, 2]", "not-readable")]
    [InlineData("services: [", "not-readable")]
    public void Compose_ThatBreaksARule_HasItsFinding(string text, string rule) =>
        Assert.Contains(ComposeCheck.Check("compose.yaml", text), f => f.Rule == rule);

    [Fact]
    public void Compose_WithReferences_HoldsNoSecret() => Assert.Empty(ComposeCheck.Check("compose.yaml",
        "services: {a: {image: 'x:1', environment: {DB_PASSWORD: '${DB_PASSWORD}'}, healthcheck: {}}}"));

    [Fact]
    public void Project_ThatIsBare_LacksEverything_AndWhatIsScaffoldedSuffices()
    {
        var texts = new Dictionary<string, string>
        {
            ["package.json"] = "{}",
            ["server.js"] = "get('/health'); process.env.DB_URL; process.env.PORT",
        };
        var facts = ProjectReader.Read(["package.json", "server.js", "a.test.js"], texts);
        Assert.Equal(["no-readme", "no-ci", "no-dockerfile", "no-env-example"],
            ProjectCheck.Check(facts, texts).Select(f => f.Rule));

        var made = ProjectScaffold.Missing("shop", facts);
        foreach (var (name, text) in made)
        {
            texts[name] = text;
        }
        var whole = ProjectReader.Read([.. facts.Files, .. made.Keys], texts);
        Assert.Empty(ProjectCheck.Check(whole, texts));
        Assert.Equal(["DB_URL=", "PORT=8080"], texts[".env.example"].Split('\n')
            .Where(l => l.Contains('=', StringComparison.Ordinal)));
        Assert.Empty(ProjectScaffold.Missing("shop", whole));
    }

    [Fact]
    public void Project_WithoutTestsOrHealth_SaysSo_AndSoDoesACommittedEnv()
    {
        var texts = new Dictionary<string, string> { ["app.py"] = "import os\nos.environ['KEY']" };
        var facts = ProjectReader.Read(["app.py", ".env", ".env.example"], texts);
        Assert.Equal((ProjectKind.Python, "app.py"), (facts.Kind, facts.Entry));
        var rules = ProjectCheck.Check(facts, texts).Select(f => f.Rule).ToList();
        Assert.All(["no-tests", "no-health-check", "env-committed", "variable-unsaid"],
            rule => Assert.Contains(rule, rules));
    }

    [Fact]
    public void Files_OfTheWeb_HaveTypesAndLives()
    {
        Assert.Equal("text/html; charset=utf-8", WebFiles.TypeOf("a/index.html"));
        Assert.Equal("application/octet-stream", WebFiles.TypeOf("LICENSE"));
        Assert.Equal("no-cache", WebFiles.CacheOf("index.html"));
        Assert.Contains("immutable", WebFiles.CacheOf("assets/app-1a2b3c4d.js"));
        Assert.Equal("public, max-age=300", WebFiles.CacheOf("assets/apprentices-handbook.js"));
    }

    [Theory]
    [InlineData("/", "/x", "/x", false)]
    [InlineData("/api", "/api/x", "/api/x", false)]
    [InlineData("/api", "/api/x", "/x", true)]
    [InlineData("/api", "/api", "/", true)]
    [InlineData("/api", "/apix", null, true)]
    public void Route_TakesItsPathsAlone(string route, string path, string? seen, bool strip) =>
        Assert.Equal(seen, Service(route, strip).Match(path));

    [Fact]
    public void Release_HasOneIdForOneContent()
    {
        var one = new ReleaseSpec(new string('a', 64), [Service("/", false)], 30, 30, []);
        Assert.Equal(one.Id(), ReleaseSpec.FromJson(one.ToJson()).Id());
        Assert.NotEqual(one.Id(), (one with { StartSeconds = 31 }).Id());
        Assert.Matches("^rel_[0-9a-f]{24}$", one.Id());
    }

    [Fact]
    public void Deaths_DoubleThePause_AndMakeALoop()
    {
        var at = DateTimeOffset.UnixEpoch;
        var count = CrashCount.None.Add(at);
        Assert.Equal((TimeSpan.FromMilliseconds(100), false), (count.Pause, count.IsLoop));
        count = count.Add(at).Add(at);
        Assert.Equal((TimeSpan.FromMilliseconds(400), true), (count.Pause, count.IsLoop));
        for (var i = 0; i < 100; i++)
        {
            count = count.Add(at);
        }
        Assert.Equal(DeploymentLimits.BackoffMax, count.Pause);
        Assert.Single(count.Add(at + DeploymentLimits.CrashWindow).Deaths);
    }

    private static ServiceSpec Service(string route, bool strip) => new("a", route, "", ["node"], "PORT",
        "/health",
        ImmutableSortedDictionary<string, string>.Empty, ImmutableSortedDictionary<string, string>.Empty, 512,
        null, strip);

    private static ProjectFacts Facts(string kind) => kind switch
    {
        "node" => ProjectReader.Read([.. NodeFiles], new Dictionary<string, string>
        {
            ["package.json"] = """{"engines": {"node": ">=20"}, "scripts": {"start": "node server.js"}}""",
        }),
        "python" => ProjectReader.Read(["app.py", "requirements.txt"], new Dictionary<string, string>()),
        "dotnet" => ProjectReader.Read(["src/Shop/Shop.csproj"], new Dictionary<string, string>
        {
            ["src/Shop/Shop.csproj"] = "<TargetFramework>net10.0</TargetFramework>",
        }),
        "built" => ProjectReader.Read(["package.json", "public/index.html"], new Dictionary<string, string>
        {
            ["package.json"] = """{"scripts": {"build": "vite build"}}""",
        }),
        _ => ProjectReader.Read(["index.html"], new Dictionary<string, string>()),
    };
}
