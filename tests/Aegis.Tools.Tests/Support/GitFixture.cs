using System.Collections.Immutable;
using System.Diagnostics;
using Aegis.Gate;
using Aegis.Tools.Git;

namespace Aegis.Tools.Tests.Support;

/// <summary>A bare repository with two commits on main and one more on feature, and plain git beside the
/// tools.</summary>
public sealed class GitFixture : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("aegis-git-").FullName;

    public GitFixture()
    {
        Bare = Path.Combine(root, "acme", "web", "app.git");
        Seed = Path.Combine(root, "seed");
        Directory.CreateDirectory(Path.GetDirectoryName(Bare)!);
        Run(root, "init", "-q", "--bare", "--template=", "-b", "main", Bare);
        Run(root, "init", "-q", "-b", "main", Seed);
        Commit("README.md", "one\n", "first");
        Commit("src/a.txt", "a\n", "second");
        MainSha = Run(Seed, "rev-parse", "HEAD");
        Run(Seed, "checkout", "-q", "-b", "feature");
        Commit("src/b.txt", "b\n", "third");
        FeatureSha = Run(Seed, "rev-parse", "HEAD");
        Run(Seed, "push", "-q", Bare, "main", "feature");
    }

    public string Bare { get; }

    public string Seed { get; }

    public string MainSha { get; }

    public string FeatureSha { get; }

    public RunRepository Repository(string branch = "feature") => new("app", Bare, branch,
        branch == "main" ? MainSha : FeatureSha, "main");

    public HostExecution Execution(string branch = "feature", string run = "run_1", string? work = null,
        Func<ForgeRequest, ValueTask<ForgeReply>>? forge = null, int attempt = 1, string step = "step") =>
        new(Contexts.Of(run, step, attempt, Repository(branch)), work, forge);

    public async Task<HostExecution> ClonedAsync(string branch = "feature", string run = "run_1",
        Func<ForgeRequest, ValueTask<ForgeReply>>? forge = null)
    {
        var execution = Execution(branch, run, forge: forge);
        (await new GitClone().CallAsync(execution, new { })).MustWork();
        return execution;
    }

    public string Commit(string path, string content, string message)
    {
        var file = Path.Combine(Seed, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
        Run(Seed, "add", "-A");
        Run(Seed, "commit", "-q", "-m", message);
        return Run(Seed, "rev-parse", "HEAD");
    }

    public string InBare(params string[] arguments) => Run(Bare, arguments);

    /// <summary>Plain git on the host, as a careless tool would run it; its stdout, trimmed.</summary>
    public static string Run(string directory, params string[] arguments)
    {
        var (exit, output) = Try(directory, arguments);
        Assert.True(exit == 0, $"git {string.Join(' ', arguments)}: {exit} {output}");
        return output;
    }

    public static (int ExitCode, string Output) Try(string directory, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in HostGit.Environment.Remove("GIT_ALLOW_PROTOCOL"))
        {
            start.Environment[name] = value;
        }
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, process.ExitCode == 0 ? output.Trim() : output + error.Result);
    }

    public void Dispose() => Directory.Delete(root, recursive: true);
}
