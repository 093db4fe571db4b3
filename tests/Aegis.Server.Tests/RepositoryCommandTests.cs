using Aegis.Cli;
using Aegis.Cli.Git;
using Aegis.Core;
using Aegis.Engine;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests;

/// <summary>A real git repository goes to the real forge by the CLI.</summary>
[Collection(ServerGroup.Name)]
public sealed class RepositoryCommandTests(ServerFixture server) : IDisposable
{
    private readonly string folder = Path.Combine(Directory.CreateTempSubdirectory("aegis-repo-").FullName,
        $"shop {Path.GetRandomFileName()}");

    private readonly StringWriter output = new();
    private readonly StringWriter error = new();

    private string Name => Path.GetFileName(folder).Replace(' ', '-');

    public void Dispose()
    {
        server.Engine.OnStart = null;
        output.Dispose();
        error.Dispose();
    }

    [Fact]
    public async Task RunOnAPath_PushesEveryBranchAtFirst_AndNamesBranchAndCommit()
    {
        await InitAsync();
        RunRequest? asked = null;
        server.Engine.OnStart = (_, _, request) =>
        {
            asked = request;
            return Task.FromResult(new RunId("run_pushed"));
        };
        Assert.Equal(0, await AegisAsync("run", Workflow(), "--repo", folder, "-d", "-c", "event=push"));
        var head = (await GitAsync("rev-parse", "HEAD")).Trim();
        Assert.Equal((Name, "feature"), (asked!.Repository, asked.Ref));
        Assert.Equal(("feature", head, "push"), (Context("branch"), Context("sha"), Context("event")));
        Assert.Equal(
            await GitAsync("for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/tags"),
            await RemoteRefsAsync());
        Assert.Contains(
            "uncommitted changes are not part of the run", error.ToString(), StringComparison.Ordinal);

        string? Context(string name) => asked.Context!.Value.GetProperty(name).GetString();
    }

    [Fact]
    public async Task RunAgain_PushesTheBranchAlone_AndRefusesRewrittenHistory()
    {
        await InitAsync();
        Assert.Equal(0, await AegisAsync("repo", "import", folder));
        await CommitAsync("two");
        await GitAsync("branch", "private");
        Assert.Equal(0, await AegisAsync("run", Workflow(), "--repo", folder, "-d"));
        Assert.DoesNotContain("refs/heads/private", await RemoteRefsAsync(), StringComparison.Ordinal);
        await GitAsync("reset", "-q", "--hard", "HEAD~1");
        await CommitAsync("another two");
        Assert.Equal(2, await AegisAsync("run", Workflow(), "--repo", folder, "-d"));
        Assert.Contains("AEGIS7005", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(server.AcmeKey, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_UnderAName_ShowsInTheList()
    {
        await InitAsync();
        var name = $"named-{Path.GetRandomFileName()}";
        Assert.Equal(0, await AegisAsync("repo", "import", folder, "--name", name));
        Assert.Equal(0, await AegisAsync("repo", "list", "--json"));
        Assert.Contains(name, output.ToString(), StringComparison.Ordinal);
        Assert.Equal(6, await AegisAsync("repo", "create", name));
    }

    [Fact]
    public async Task RunOnAFolderThatIsNoRepository_SaysSo()
    {
        var empty = Directory.CreateTempSubdirectory("aegis-empty-").FullName;
        Assert.Equal(2, await AegisAsync("run", Workflow(), "--repo", empty));
        Assert.Contains("not a git repository", error.ToString(), StringComparison.Ordinal);
    }

    private async Task InitAsync()
    {
        Directory.CreateDirectory(folder);
        await GitAsync("init", "-q", "-b", "main");
        await CommitAsync("one");
        await GitAsync("tag", "v1");
        await GitAsync("checkout", "-q", "-b", "feature");
        await CommitAsync("feature");
        await File.WriteAllTextAsync(Path.Combine(folder, "one"), "not committed");
    }

    private async Task CommitAsync(string file)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, file), file);
        await GitAsync("add", file);
        await GitAsync("-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", file);
    }

    private Task<string> GitAsync(params string[] arguments) =>
        GitProgram.RunAsync(folder, arguments, CancellationToken.None);

    private async Task<string> RemoteRefsAsync()
    {
        var url = new Uri(server.Server.Url, $"git/web/{Name}.git");
        var refs = await GitProgram.RunAsync(folder, ["ls-remote", "--heads", "--tags", url.ToString()],
            GitProgram.Credentials(url, server.AcmeKey), CancellationToken.None);
        return refs.Replace('\t', ' ');
    }

    private string Workflow()
    {
        var file = Path.Combine(Path.GetDirectoryName(folder)!, "ci.yaml");
        File.WriteAllText(file, "name: ci\n");
        return file;
    }

    private Task<int> AegisAsync(params string[] arguments)
    {
        var environment = new Dictionary<string, string>
        {
            ["AEGIS_URL"] = server.Server.Url.ToString(), ["AEGIS_KEY"] = server.AcmeKey,
                ["AEGIS_PROJECT"] = "web",
        };
        return CommandLine.InvokeAsync(arguments, new Terminal(output, error, false, 100,
            environment.GetValueOrDefault), CancellationToken.None);
    }
}
