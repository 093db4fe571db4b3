using Aegis.Gate;
using Aegis.Tools.Git;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Git;

/// <summary>A work tree whose config, hooks and attributes are programs. Each case first shows that plain git
/// on the host would run the program, then that none of the tools does.</summary>
public sealed class HostileRepositoryTests : IDisposable
{
    private readonly GitFixture git = new();
    private readonly string outside = Directory.CreateTempSubdirectory("aegis-outside-").FullName;

    private string Marker => Path.Combine(outside, "marker");

    public void Dispose()
    {
        git.Dispose();
        Directory.Delete(outside, recursive: true);
    }

    [Theory]
    [InlineData("core.fsmonitor", "status")]
    [InlineData("filter.evil.clean", "add -A")]
    [InlineData("diff.external", "diff")]
    [InlineData("core.sshCommand", "fetch ssh://localhost/x")]
    [InlineData("core.alternateRefsCommand", "fetch --quiet ../careless.git feature")]
    [InlineData("core.editor", "commit --allow-empty")]
    [InlineData("hook:pre-commit", "commit --allow-empty -m x")]
    [InlineData("hook:post-commit", "commit --allow-empty -m x")]
    [InlineData("hook:reference-transaction", "update-ref refs/heads/other HEAD")]
    [InlineData("hook:post-checkout", "checkout -q -b another")]
    [InlineData("hook:pre-push", "push -q ../careless.git HEAD:refs/heads/pushed")]
    public async Task Program_InTheWorkTreesConfig_NeverRunsOnTheHost(string where, string control)
    {
        using var execution = await git.ClonedAsync();
        var app = Path.Combine(execution.Work, "app");
        Plant(app, where);
        GitFixture.Run("/", "clone", "-q", "--bare", git.Bare, Path.Combine(execution.Work, "careless.git"));
        File.AppendAllText(Path.Combine(app, "README.md"), "changed\n");

        GitFixture.Try(app, control.Split(' '));
        Assert.True(File.Exists(Marker), $"plain git does not run {where}: the case proves nothing");
        File.Delete(Marker);

        await UseEveryToolAsync(execution);
        Assert.False(File.Exists(Marker), $"{where} ran on the host");
    }

    [Fact]
    public async Task HostCommands_NeverNameTheWorkTree()
    {
        using var execution = await git.ClonedAsync();
        File.AppendAllText(Path.Combine(execution.Work, "app/README.md"), "changed\n");
        await UseEveryToolAsync(execution);
        Assert.NotEmpty(execution.HostCommands);
        Assert.All(execution.HostCommands, command =>
        {
            Assert.Equal(("git", "/dev/null", "1"),
                (command.Program, command.Env!["GIT_CONFIG_GLOBAL"], command.Env["GIT_CONFIG_NOSYSTEM"]));
            Assert.Contains("core.hooksPath=/dev/null", command.Arguments);
            Assert.DoesNotContain(
                execution.Work, string.Join(' ', [command.WorkingDirectory, .. command.Arguments]));
        });
    }

    private static async Task UseEveryToolAsync(HostExecution execution)
    {
        foreach (var (tool, input) in (IEnumerable<(Tool, object)>)
            [
                (new GitStatus(), new { }),
                (new GitDiff(), new { }),
                (new GitCommit(), new { message = "m" }),
                (new GitBranch(), new { name = "side" }),
                (new GitPush(), new { }),
            ])
        {
            // the program may well break the command: inside the sandbox it does run
            await tool.CallAsync(execution, input);
        }
        await new GitPush().ProbeByJsonAsync(execution, new { });
        Assert.Contains(execution.SandboxCommands, c => c.Argv.Any(a => a.Contains("git commit")));
    }

    private void Plant(string app, string where)
    {
        var program = Path.Combine(app, ".git", "evil.sh");
        File.WriteAllText(program, $"#!/bin/sh\ntouch {Marker}\n[ $# -gt 0 ] || cat\n");
        File.SetUnixFileMode(program, (UnixFileMode)Convert.ToInt32("755", 8));
        if (where.StartsWith("hook:", StringComparison.Ordinal))
        {
            var hook = Path.Combine(app, ".git", "hooks", where[5..]);
            Directory.CreateDirectory(Path.GetDirectoryName(hook)!);
            File.WriteAllText(hook, $"#!/bin/sh\ntouch {Marker}\n");
            File.SetUnixFileMode(hook, (UnixFileMode)Convert.ToInt32("755", 8));
            return;
        }
        Directory.CreateDirectory(Path.Combine(app, ".git", "info"));
        File.WriteAllText(Path.Combine(app, ".git", "info", "attributes"), "* filter=evil\n");
        Directory.CreateDirectory(Path.Combine(app, ".git", "objects", "info"));
        File.WriteAllText(Path.Combine(app, ".git", "objects", "info", "alternates"),
            git.Bare + "/objects\n");
        GitFixture.Run(app, "config", where, program);
    }
}
