using System.Text.Json;
using Aegis.Cli;
using Aegis.Core;
using Aegis.Engine;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests;

/// <summary>The CLI in process against the real server; exit statuses as scripts see them.</summary>
[Collection(ServerGroup.Name)]
public sealed class CommandLineTests(ServerFixture server) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("aegis-cli-").FullName;
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();

    public void Dispose()
    {
        server.Engine.OnStart = null;
        server.Engine.OnPlan = null;
        output.Dispose();
        error.Dispose();
    }

    [Theory]
    [InlineData("PlanCompleted", "succeeded", 0)]
    [InlineData("RunFailed", "failed", 1)]
    [InlineData("RunCancelled", "cancelled", 5)]
    public async Task Run_EndsWithTheRunsStatus(string last, string status, int exit)
    {
        server.Engine.OnStart = (_, _, _) => RunAsync(last, status);
        Assert.Equal(exit, await AegisAsync("run", Workflow(), "--input", "n=1", "--context", "branch=b"));
        Assert.Contains("build: started (shell.exec)", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("build: succeeded in 1.0s", output.ToString(), StringComparison.Ordinal);
        Assert.Contains($" {status} in ", output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retry_PrintsTheNewRun_AndRefusesAHalfNamedMember()
    {
        var run = await server.Seed.RunAsync(server.AcmeKeys, "failed");
        Assert.Equal(0, await AegisAsync("retry", run, "--from", "build", "--input", "n=1", "--with",
            "test.cmd=ls", "--reason", "flaky", "--detach"));
        Assert.Equal("run_again", output.ToString().Trim());
        Assert.Contains(server.Engine.Asked, a => $"{a}".Contains(
            $$$"""{{{run}}}, build, {"n":1}, {"test":{"cmd":"ls"}}, flaky""", StringComparison.Ordinal));
        Assert.Equal(2, await AegisAsync("retry", run, "--with", "cmd=ls", "--detach"));
    }

    [Fact]
    public async Task Sandbox_Doctor_AsksTheServer()
    {
        Assert.Equal(0, await AegisAsync("sandbox", "doctor"));
        var text = output.ToString();
        Assert.Contains("user aegis\n\nnamespace: ready\n  + uid        own host uid\n", text,
            StringComparison.Ordinal);
        Assert.Contains("microvm: not there\n  missing  no kernel\n  mend     ./aegis sandbox prepare", text,
            StringComparison.Ordinal);
        output.GetStringBuilder().Clear();
        Assert.Equal(0, await AegisAsync("sandbox", "doctor", "--json"));
        Assert.Equal("./aegis sandbox prepare", JsonElement.Parse(output.ToString()).GetProperty("kinds")[1]
            .GetProperty("mend").GetString());
    }

    [Fact]
    public async Task Run_WithJson_PrintsOneEventALine()
    {
        server.Engine.OnStart = (_, _, _) => RunAsync("PlanCompleted", "succeeded");
        Assert.Equal(0, await AegisAsync("run", Workflow(), "--json"));
        var types = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => JsonDocument.Parse(l).RootElement.GetProperty("type").GetString());
        Assert.Equal(["RunStarted", "TaskStarted", "TaskCompleted", "PlanCompleted"], types);
    }

    [Fact]
    public async Task Run_OnATerminal_DrawsATreeWithoutControlCharactersOfTasks()
    {
        server.Engine.OnStart = (_, _, _) => RunAsync("RunFailed", "failed", "boom \u001b[31m[bold]");
        Assert.Equal(1, await AegisAsync(true, null, "run", Workflow()));
        var screen = output.ToString();
        Assert.Contains("build", screen, StringComparison.Ordinal);
        Assert.Contains("✓", screen, StringComparison.Ordinal);
        Assert.Contains("boom", screen, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b[31m[bold]", screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_Detached_PrintsTheId_AndPassesInputsTyped()
    {
        RunRequest? asked = null;
        server.Engine.OnStart = (_, _, request) =>
        {
            asked = request;
            return Task.FromResult(new RunId("run_detached"));
        };
        var file = Path.Combine(folder, "v.txt");
        await File.WriteAllTextAsync(file, "from file");
        Assert.Equal(
            0, await AegisAsync("run", Workflow(), "-d", "--repo", "app", "--ref", "main", "-i", "n=1", "-i",
            "s=hello", "-i", "q=\"5\"", "-i", "o={\"a\":[1]}", "-i", $"f=@{file}"));
        Assert.Equal("run_detached\n", output.ToString());
        Assert.Equal("""{"n":1,"s":"hello","q":"\u00225\u0022","o":{"a":[1]},"f":"from file"}""",
            JsonSerializer.Serialize(asked!.Inputs));
        Assert.Equal(("app", "main"), (asked.Repository, asked.Ref));
    }

    [Theory]
    [InlineData(2, "frobnicate")]
    [InlineData(2, "run")]
    [InlineData(2, "run", "/no/such/file.yaml")]
    [InlineData(2, "resolve", "run_1", "build", "--done", "--fail")]
    [InlineData(2, "audit", "verify", "/no/such/file")]
    [InlineData(6, "runs", "show", "run_none")]
    [InlineData(6, "runs", "--limit", "201")]
    [InlineData(4, "tenant", "list")]
    [InlineData(0, "runs")]
    [InlineData(0, "status")]
    [InlineData(0, "key", "list")]
    [InlineData(0, "project", "list", "--json")]
    public async Task Exit_Statuses(int exit, params string[] arguments)
    {
        Assert.Equal(exit, await AegisAsync(arguments));
        Assert.Equal(exit != 0, error.ToString().StartsWith("aegis: AEGIS", StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task NoServer_Is3_AndNoKeyOrAWrongOneIs4()
    {
        Assert.Equal(3, await AegisAsync(false, new() { ["AEGIS_URL"] = "http://127.0.0.1:1" }, "runs"));
        Assert.Equal(4, await AegisAsync(false, new() { ["AEGIS_KEY"] = "aegis_key_wrong" }, "runs"));
        Assert.Equal(
            4, await AegisAsync(false, new() { ["AEGIS_KEY"] = "", ["AEGIS_HOME"] = folder }, "runs"));
        Assert.Contains("AEGIS7003", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connection_ComesFromChispartVariables_OrTheHomesFiles()
    {
        Assert.Equal(0, await AegisAsync(false, new()
        {
            ["AEGIS_URL"] = "", ["AEGIS_KEY"] = "",
            ["CHISPART_URL"] = server.Server.Url.ToString(), ["CHISPART_KEY"] = server.AcmeKey,
        }, "runs"));
        var file = JsonSerializer.Serialize(new
        {
            url = "http://127.0.0.1:1", key = server.AcmeWide, tenant = "acme", project = "web",
        });
        await File.WriteAllTextAsync(Path.Combine(folder, "admin-key.json"), file);
        // the port of the key file is stale; server.json knows better
        await File.WriteAllTextAsync(Path.Combine(folder, "server.json"),
            JsonSerializer.Serialize(new { pid = 1, url = server.Server.Url.ToString() }));
        Assert.Equal(0, await AegisAsync(false,
            new() { ["AEGIS_URL"] = "", ["AEGIS_KEY"] = "", ["AEGIS_HOME"] = folder }, "runs"));
    }

    [Fact]
    public async Task PlanCheck_NeedsNoServer_AndNamesEveryPlace()
    {
        var nowhere = new Dictionary<string, string>
        {
            ["AEGIS_URL"] = "", ["AEGIS_KEY"] = "", ["AEGIS_HOME"] = folder,
        };
        Assert.Equal(0, await AegisAsync(false, nowhere, "plan", "check", Workflow()));
        var bad = Path.Combine(folder, "bad.yaml");
        await File.WriteAllTextAsync(
            bad, "name: x\nstepz: []\nsteps:\n  - id: a\n    uses: noop\n    bogus: 1\n");
        Assert.Equal(1, await AegisAsync(false, nowhere, "plan", "check", bad));
        Assert.Contains($"{bad}:2:1: AEGIS", error.ToString(), StringComparison.Ordinal);
        Assert.Contains($"{bad}:6:", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RejectedWorkflow_IsShownByPlace()
    {
        server.Engine.OnPlan = (_, _) => throw new WorkflowRejectedException([new Core.Errors.Diagnostic(
            new Core.Errors.SourceSpan("ci.yaml", 4, 2),
            new Core.Errors.AegisError("AEGIS1007", "no such tool"))]);
        Assert.Equal(6, await AegisAsync("run", Workflow()));
        Assert.Contains("ci.yaml:4:2: AEGIS1007: no such tool", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_CreateListRevoke_Circle()
    {
        Assert.Equal(0, await AegisAsync("key", "create", "circle", "-s", "runs:read", "--json"));
        var made = JsonDocument.Parse(output.ToString()).RootElement;
        Assert.Equal(0,
            await AegisAsync(false, new() { ["AEGIS_KEY"] = made.GetProperty("key").GetString()! }, "runs"));
        Assert.Equal(0, await AegisAsync("key", "revoke", made.GetProperty("key_id").GetString()!));
        Assert.Equal(4,
            await AegisAsync(false, new() { ["AEGIS_KEY"] = made.GetProperty("key").GetString()! }, "runs"));
    }

    [Fact]
    public async Task Profile_SetAndShow_KeepsRelativeNames()
    {
        Directory.CreateDirectory(Path.Combine(folder, "rehearsals"));
        await File.WriteAllTextAsync(Path.Combine(folder, "profile.yaml"), "models: {}\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "rehearsals", "plan.yaml"), "turns: []\n");
        Assert.Equal(0, await AegisAsync("profile", "set", Path.Combine(folder, "profile.yaml"),
            Path.Combine(folder, "rehearsals", "plan.yaml")));
        Assert.Equal(0, await AegisAsync("profile", "show"));
        Assert.Contains("# file rehearsals/plan.yaml", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Docs_ListEveryCommandAndExitStatus()
    {
        var docs = Docs.Text("docs.cli.md");
        using var unused = new StringWriter();
        var root = CommandLine.Build(new Terminal(unused, unused, false, 80, _ => null));
        foreach (var command in root.Subcommands)
        {
            var leaves = command.Subcommands.Count == 0 ? [command.Name]
                : command.Subcommands.Where(s => !s.Hidden).Select(s => $"{command.Name} {s.Name}");
            Assert.All(leaves, name => Assert.Contains($"`{name}", docs, StringComparison.Ordinal));
        }
        foreach (var field in typeof(ExitCode).GetFields())
        {
            Assert.Contains($"| {field.GetRawConstantValue()} |", docs, StringComparison.Ordinal);
        }
    }

    private async Task<RunId> RunAsync(string last, string status, string reason = "why")
    {
        var run = await server.Seed.RunAsync(server.AcmeKeys, status);
        foreach (var (type, payload) in new[]
        {
            ("RunStarted", "{}"),
            ("TaskStarted", """{"step_id":"build","attempt":1,"tool":"shell.exec"}"""),
            ("TaskCompleted", """{"step_id":"build","attempt":1}"""),
            (last, JsonSerializer.Serialize(new { reason })),
        })
        {
            await server.Seed.EventAsync(server.AcmeKeys, run, type, payload);
        }
        return new RunId(run);
    }

    private string Workflow()
    {
        var file = Path.Combine(folder, "ci.yaml");
        File.WriteAllText(file, "name: ci\non: [manual]\nsteps:\n  - id: a\n    uses: noop\n");
        return file;
    }

    private Task<int> AegisAsync(params string[] arguments) => AegisAsync(false, null, arguments);

    private Task<int> AegisAsync(
        bool live, Dictionary<string, string>? environment, params string[] arguments)
    {
        var all = new Dictionary<string, string>
        {
            ["AEGIS_URL"] = server.Server.Url.ToString(), ["AEGIS_KEY"] = server.AcmeKey,
                ["AEGIS_PROJECT"] = "web",
        };
        foreach (var (name, value) in environment ?? [])
        {
            all[name] = value;
        }
        return CommandLine.InvokeAsync(
            arguments, new Terminal(output, error, live, 100, all.GetValueOrDefault),
            CancellationToken.None);
    }
}
