using System.Text.Json;
using Aegis.Core.Deployments;
using Aegis.Core.Findings;
using Aegis.Gate;
using Aegis.Tools.Deploy;
using Aegis.Tools.Files;
using Aegis.Tools.Shell;
using Aegis.Tools.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace Aegis.Tools.Tests.Deploy;

/// <summary>project.scaffold, project.check and deploy.container from outside: of a bare program of each
/// stack they make a project, and what they write is read and run by others' programs.</summary>
public sealed class ProjectToolTests
{
    private const string Node = """
        const http = require('http');
        exports.sum = (a, b) => a + b;
        if (require.main === module) {
          http.createServer((q, r) => r.end(q.url === '/health' ? 'ok' : process.env.GREETING || 'hello'))
            .listen(process.env.PORT, '127.0.0.1');
        }
        """;

    private const string Python = """
        import os
        from http.server import BaseHTTPRequestHandler, HTTPServer

        def sum(a, b):
            return a + b

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200 if self.path == '/health' else 404)
                self.end_headers()
                self.wfile.write(os.environ.get('GREETING', 'hello').encode())

        if __name__ == '__main__':
            HTTPServer(('127.0.0.1', int(os.environ['PORT'])), Answer).serve_forever()
        """;

    private const string Dotnet = """
        var app = WebApplication.CreateBuilder(args).Build();
        app.MapGet("/health", () => Environment.GetEnvironmentVariable("GREETING") ?? "ok");
        app.Run("http://127.0.0.1:" + Environment.GetEnvironmentVariable("PORT"));
        """;

    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk.Web"><PropertyGroup><TargetFramework>net10.0</TargetFramework>
        <UseAppHost>false</UseAppHost><ImplicitUsings>enable</ImplicitUsings></PropertyGroup></Project>
        """;

    public static TheoryData<string, string[], string, string> Stacks => new()
    {
        {
            "node", ["server.js", Node, "package.json", """{"scripts":{"test":"node --test"}}""",
                "test/sum.test.js", "require('node:test').test('sum', () => require('node:assert')"
                    + ".equal(require('../server.js').sum(1, 2), 3))"],
            "npm test --offline", "node server.js"
        },
        {
            "python", ["app.py", Python, "requirements.txt", "", "tests/test_sum.py",
                "from app import sum\n\ndef test_sum():\n    assert sum(1, 2) == 3\n"],
            "python3 -m pytest -q", "python3 app.py"
        },
        {
            // the tests need packages of a registry, which no sandbox here reaches: it is built and started
            "dotnet", ["app.csproj", Project, "Program.cs", Dotnet, "tests/app.Tests.csproj", "<Project />"],
            "dotnet build app.csproj -v q --nologo", "dotnet run --no-build --project app.csproj"
        },
    };

    [Theory]
    [MemberData(nameof(Stacks))]
    public async Task BareProgram_BecomesAProject_ThatIsCheckedTestedAndAnswers(
        string kind, string[] files, string test, string start)
    {
        await using var gate = await AttemptGate.OpenAsync();
        var writes = files.Chunk(2).Select(f => ((Tool)new FileWrite(),
            (object)new { path = $"app/{f[0]}", content = f[1] })).ToArray();
        var (written, _) = await gate.AttemptAsync(Contexts.Of("run_1", "write"), [], writes);
        var (bare, lacks) = await CallAsync(gate, "bare", [written], new ProjectCheckTool(), new { });
        Assert.Equal("AEGIS2673", lacks.Error?.Code);
        Assert.Equal(["no-ci", "no-dockerfile", "no-env-example", "no-readme"], Rules(lacks).Order());

        var (made, scaffold) = await CallAsync(gate, "made", [written], new ProjectScaffoldTool(),
            new { name = "sums" });
        Assert.True(scaffold.Ok, scaffold.Error?.ToString());
        Assert.Equal([".dockerignore", ".env.example", ".github/workflows/ci.yml", "Dockerfile", "README.md"],
            scaffold.Outputs!.Value.GetProperty("written").EnumerateArray().Select(f => f.GetString()).Order(
                StringComparer.Ordinal));
        var (checkedAt, complete) = await CallAsync(gate, "check", [written, made], new ProjectCheckTool(),
            new { });
        Assert.True(complete.Ok, complete.Text);
        Assert.Equal(kind, complete.Outputs!.Value.GetProperty("kind").GetString());
        // what is there already stays as it is
        var (_, again) = await CallAsync(gate, "again", [written, made], new ProjectScaffoldTool(), new { });
        Assert.Empty(again.Outputs!.Value.GetProperty("written").EnumerateArray());

        var (boxed, container) = await CallAsync(gate, "box", [written, made], new DeployContainer(),
            new { name = "sums" });
        Assert.True(container.Ok, container.Text);
        await FilesAreSoundAsync(gate, [written, made, boxed!]);
        await RunsAsync(gate, [written, made], test, start);
    }

    [Fact]
    public async Task Container_OfBadFiles_FailsWithWhatIsWrong_AndOverwritesOnlyWhenAsked()
    {
        await using var gate = await AttemptGate.OpenAsync();
        var (bad, _) = await gate.AttemptAsync(Contexts.Of("run_1", "bad"), [],
            (new FileWrite(), new { path = "app/server.js", content = Node }),
            (new FileWrite(), new { path = "app/package.json", content = "{}" }),
            (new FileWrite(), new { path = "app/Dockerfile", content = "FROM node\nENV API_KEY=abc\n" }),
            (new FileWrite(), new { path = "app/compose.yaml",
                content = "services: { a: { image: 'a:1', privileged: true } }\n" }));
        var (_, failed) = await CallAsync(gate, "lint", [bad], new DeployContainer(), new { });
        Assert.Equal("AEGIS2672", failed.Error?.Code);
        Assert.Superset(new HashSet<string?> { "base-not-pinned", "secret-in-image", "runs-as-root" },
            Rules(failed).ToHashSet());
        Assert.Equal([".dockerignore"], failed.Outputs!.Value.GetProperty("written").EnumerateArray()
            .Select(f => f.GetString()));
        var (_, mended) = await CallAsync(gate, "mend", [bad], new DeployContainer(),
            new { overwrite = true });
        Assert.True(mended.Ok, mended.Text);
        var (_, nothing) = await CallAsync(gate, "none", [bad], new DeployContainer(),
            new { path = "nowhere" });
        Assert.Equal("AEGIS2111", nothing.Error?.Code);
    }

    [Fact]
    public async Task Scaffold_WritesInfrastructure_OfEitherLanguage()
    {
        await using var gate = await AttemptGate.OpenAsync();
        var (page, _) = await gate.AttemptAsync(Contexts.Of("run_1", "page"), [],
            (new FileWrite(), new { path = "app/index.html", content = "<h1>hello</h1>" }));
        foreach (var (name, language, file) in new[]
            { ("aws/site", "terraform", "infra/main.tf"), ("gcp/site", "pulumi", "infra/Pulumi.yaml") })
        {
            var (layer, made) = await CallAsync(gate, $"{language}-made", [page], new ProjectScaffoldTool(),
                new { infrastructure = name, language });
            Assert.Contains(file, made.Outputs!.Value.GetProperty("written").EnumerateArray()
                .Select(f => f.GetString()));
            var (_, read) = await CallAsync(gate, $"{language}-read", [page, layer!], new FileRead(),
                new { path = $"app/{file}" });
            Assert.Equal(InfrastructureTemplates.Of(name, language)[file], read.Text);
        }
        Assert.Equal("AEGIS2001", new ProjectScaffoldTool().Check(
            JsonSerializer.SerializeToElement(new { infrastructure = "azure/site" }))?.Code);
    }

    private static async Task FilesAreSoundAsync(AttemptGate gate, string?[] layers)
    {
        async Task<string> TextAsync(string file) => (await CallAsync(gate,
            $"read-{file.Replace('/', '-').Replace('.', '-')}", layers, new FileRead(),
            new { path = $"app/{file}" })).Result.Text!;
        Assert.DoesNotContain(DockerfileLint.Check("Dockerfile", await TextAsync("Dockerfile")),
            f => f.Severity != FindingSeverity.Note);
        var compose = Yaml(await TextAsync("compose.yaml"));
        var service = (YamlMappingNode)compose["services"]["sums"];
        Assert.Equal(("true", "ALL"), (((YamlScalarNode)service["read_only"]).Value,
            ((YamlScalarNode)service["cap_drop"][0]).Value));
        Assert.StartsWith("127.0.0.1:", ((YamlScalarNode)service["ports"][0]).Value);
        var ci = Yaml(await TextAsync(".github/workflows/ci.yml"));
        Assert.Equal("read", ((YamlScalarNode)ci["permissions"]["contents"]).Value);
        Assert.True(((YamlSequenceNode)ci["jobs"]["test"]["steps"]).Count() >= 3);
        Assert.Contains("PORT=8080", await TextAsync(".env.example"));
    }

    private static async Task RunsAsync(AttemptGate gate, string?[] layers, string test, string start)
    {
        // the program's port is its sandbox's own
        var script = $"""
            cd /work/app || exit 1
            ({test}) || exit 3
            PORT=8080 {start} & server=$!
            for i in $(seq 300); do
              if exec 3<>/dev/tcp/127.0.0.1/8080; then break; fi 2>/dev/null; read -rt 0.2 <> <(:)
            done
            printf 'GET /health HTTP/1.0\r\n\r\n' >&3; head -n1 <&3 | grep -q ' 200' || exit 4
            kill $server
            """;
        var quoted = script.Replace("'", "'\\''", StringComparison.Ordinal);
        var (_, ran) = await CallAsync(gate, "runs", layers, new ShellExec(),
            new { cmd = $"bash -c '{quoted}'" });
        Assert.True(ran.Ok, $"{ran.ExitCode}: {ran.Text}\n{ran.Error}");
    }

    private static YamlMappingNode Yaml(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return (YamlMappingNode)stream.Documents[0].RootNode;
    }

    private static IEnumerable<string?> Rules(ToolResult result) => result.Outputs!.Value
        .GetProperty("findings").EnumerateArray().Select(f => f.GetProperty("rule").GetString());

    private static async Task<(string? Layer, ToolResult Result)> CallAsync(
        AttemptGate gate, string step, string?[] layers, Tool tool, object input)
    {
        var (layer, results) = await gate.AttemptAsync(Contexts.Of("run_1", step),
            [.. layers.OfType<string>()], (tool, input));
        return (layer, results[0]);
    }
}
