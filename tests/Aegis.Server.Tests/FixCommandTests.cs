using System.Diagnostics;
using System.Text.Json;
using Aegis.Cli.Git;
using Aegis.Core;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests;

/// <summary>The sample whose test fails, repaired from outside: git and the sample's own tests say what came
/// of it. Only the model's words are scripted.</summary>
[Collection(RealServerGroup.Name)]
public sealed class FixCommandTests(RealServer server) : IAsyncLifetime
{
    private static readonly string Sample = Path.GetFullPath(
        Path.Combine(NodeProgram.Folder, "..", "..", "samples", "repair"));

    private readonly string project = $"fix{Guid.NewGuid():N}"[..12];
    private readonly string name = $"shop{Guid.NewGuid():N}"[..12];
    private readonly string folder = Directory.CreateTempSubdirectory("aegis-fix-").FullName;
    private string key = "";
    private string sha = "";

    private string Shop => Path.Combine(folder, name);

    public async Task InitializeAsync()
    {
        await server.ProjectAsync(new Tenancy("acme", project));
        key = (await server.MakeKeyAsync(new Tenancy("acme", project))).Secret;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Sample, "app"), "*",
            SearchOption.AllDirectories))
        {
            var to = Path.Combine(Shop, Path.GetRelativePath(Path.Combine(Sample, "app"), file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }
        await GitAsync(Shop, "init", "-q", "-b", "main");
        await GitAsync(Shop, "add", "-A");
        await GitAsync(Shop, "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q",
            "-m", "shop");
        sha = (await GitAsync(Shop, "rev-parse", "HEAD")).Trim();
    }

    public Task DisposeAsync()
    {
        Directory.Delete(folder, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Fix_OfAFailingTest_IsAPullRequestWhoseTestsPass()
    {
        var output = await FixAsync("rehearsal.yaml", 0);
        Assert.Contains("applied      src/discount.js:3  exact  a percent is a hundredth\n", output,
            StringComparison.Ordinal);
        Assert.Contains("pull request 1 from aegis/fix-run_", output, StringComparison.Ordinal);
        var (clone, branch) = await CloneAsync();
        Assert.Equal("src/discount.js", await GitAsync(clone, "diff", "--name-only", sha, branch));
        Assert.Equal("fix: make the tests pass",
            (await GitAsync(clone, "log", "-1", "--format=%s", branch)).Trim());
        Assert.True(await TestsPassAsync(clone));
        await GitAsync(clone, "checkout", "-q", sha);
        Assert.False(await TestsPassAsync(clone));
        Assert.Equal(["PatchProposed", "PatchApplied"], await PatchesAsync());
    }

    [Fact]
    public async Task Fix_WhoseFirstTryIsWrong_TakesItBackAndNothingOfItIsLeft()
    {
        var output = await FixAsync("second.yaml", 0);
        Assert.Contains("not applied  src/discount.js:3  AEGIS2698", output, StringComparison.Ordinal);
        Assert.Contains("applied      src/discount.js:3  exact", output, StringComparison.Ordinal);
        Assert.Equal(["PatchProposed", "PatchApplied", "PatchRolledBack", "PatchProposed", "PatchApplied"],
            await PatchesAsync());
        var (clone, branch) = await CloneAsync();
        Assert.Equal((await File.ReadAllTextAsync(Path.Combine(Shop, "src", "discount.js")))
            .Replace("/ 10)", "/ 100)", StringComparison.Ordinal),
            await GitAsync(clone, "show", $"{branch}:src/discount.js"));
        Assert.Equal("src/discount.js", await GitAsync(clone, "diff", "--name-only", sha, branch));
        Assert.True(await TestsPassAsync(clone));
    }

    [Fact]
    public async Task Fix_OfWhatNoFixMends_EndsClearlyAndChangesNothing()
    {
        var output = await FixAsync("never.yaml", 1);
        Assert.Equal(3, output.Split("not applied ").Length - 1);
        Assert.Contains("verdict: failed", output, StringComparison.Ordinal);
        var refs = await RemoteAsync("ls-remote", Url.ToString());
        Assert.DoesNotContain("aegis/", refs, StringComparison.Ordinal);
        Assert.Contains($"{sha}\trefs/heads/main", refs, StringComparison.Ordinal);
        var (_, artifacts, _) = await server.SendAsync("GET", "/v1/artifacts", key: key);
        Assert.Contains("failure_report.md", artifacts.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fix_WhoseTriesAreSpent_WaitsForAHumanWithTheStory()
    {
        await ProfileAsync("never.yaml");
        var run = (await server.AegisAsync(["fix", "--repo", Shop, "--max", "1", "--detach"], key))
            .Output.Trim();
        var events = await server.EventsUntilAsync(run, key,
            e => e.Count > 0 && e[^1].GetProperty("type").GetString() == "ApprovalRequested");
        var asked = events[^1].GetProperty("payload");
        Assert.Contains("not applied src/discount.js:3", asked.GetProperty("message").GetString(),
            StringComparison.Ordinal);
        var (exit, _, error) = await server.AegisAsync(
            ["deny", run, "map-4", "--reason", "we stop here"], key);
        Assert.True(exit == 0, error);
        var last = (await server.EndedAsync(run, key))[^1];
        Assert.Equal("RunFailed", last.GetProperty("type").GetString());
        Assert.DoesNotContain("aegis/", await RemoteAsync("ls-remote", Url.ToString()),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fix_AsATool_DoesTheSameInTheRunThatCallsIt()
    {
        await ProfileAsync("rehearsal.yaml");
        var workflow = Path.Combine(folder, "mine.yaml");
        await File.WriteAllTextAsync(workflow,
            "name: mine\non: [manual]\nsteps:\n"
            + "  - { id: fix, uses: fix, with: { framework: 'node:test' } }\n");
        var (exit, output, error) = await server.AegisAsync(["run", workflow, "--repo", Shop], key);
        Assert.True(exit == 0, output + error);
        var (clone, _) = await CloneAsync();
        Assert.True(await TestsPassAsync(clone));
        Assert.Equal(["PatchProposed", "PatchApplied"], await PatchesAsync());
    }

    [Fact]
    public async Task Fix_OfAnMcpClient_IsTheSamePullRequest()
    {
        await ProfileAsync("rehearsal.yaml");
        await server.SendAsync("POST", "/v1/repos", $$"""{"id":"{{name}}"}""", key);
        await RemoteAsync("-C", Shop, "push", "-q", Url.ToString(), "main");
        var said = await NodeProgram.RunAsync("mcp/fix.mjs", server.Server.Url.ToString(), key, name);
        Assert.StartsWith("ask framework max model\ndone ", said, StringComparison.Ordinal);
        Assert.Contains("clean", said, StringComparison.Ordinal);
        var (clone, _) = await CloneAsync();
        Assert.True(await TestsPassAsync(clone));
        Assert.Equal(["PatchProposed", "PatchApplied"], await PatchesAsync());
    }

    private Uri Url => new(server.Server.Url, $"git/{project}/{name}.git");

    private async Task<string> FixAsync(string rehearsal, int status)
    {
        await ProfileAsync(rehearsal);
        var (exit, output, error) = await server.AegisAsync(["fix", "--repo", Shop, "--no-ask"], key);
        Assert.True(status == exit, $"{exit} {output} {error}");
        return output;
    }

    private async Task ProfileAsync(string rehearsal)
    {
        var profile = Path.Combine(folder, "profile.yaml");
        await File.WriteAllTextAsync(profile, (await File.ReadAllTextAsync(
            Path.Combine(Sample, "profile.yaml"))).Replace("rehearsal.yaml", rehearsal,
            StringComparison.Ordinal));
        File.Copy(Path.Combine(Sample, rehearsal), Path.Combine(folder, rehearsal), overwrite: true);
        var (exit, output, error) = await server.AegisAsync(
            ["profile", "set", profile, Path.Combine(folder, rehearsal)], key);
        Assert.True(exit == 0, output + error);
    }

    private async Task<string[]> PatchesAsync()
    {
        var (_, runs, _) = await server.SendAsync("GET", "/v1/runs", key: key);
        var run = runs.GetProperty("items")[0].GetProperty("run_id").GetString()!;
        return [.. (await server.EndedAsync(run, key)).Select(e => e.GetProperty("type").GetString()!)
            .Where(t => t.StartsWith("Patch", StringComparison.Ordinal))];
    }

    private async Task<(string Clone, string Branch)> CloneAsync()
    {
        var clone = Path.Combine(folder, "clone");
        await RemoteAsync("clone", "-q", Url.ToString(), clone);
        var branch = (await GitAsync(clone, "branch", "-r", "--list", "origin/aegis/*",
            "--format=%(refname:short)")).Trim();
        await GitAsync(clone, "checkout", "-q", branch);
        return (clone, branch);
    }

    private static async Task<bool> TestsPassAsync(string clone)
    {
        using var node = Process.Start(new ProcessStartInfo("node", ["--test"])
        {
            WorkingDirectory = clone,
            RedirectStandardOutput = true,
        })!;
        await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        return node.ExitCode == 0;
    }

    private Task<string> RemoteAsync(params string[] arguments) => GitProgram.RunAsync(folder, arguments,
        GitProgram.Credentials(Url, key), CancellationToken.None);

    private static async Task<string> GitAsync(string directory, params string[] arguments) =>
        await GitProgram.RunAsync(directory, arguments, CancellationToken.None) is var said
            && arguments[0] == "diff" ? said.Trim() : said;
}
