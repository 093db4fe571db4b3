using Aegis.Durability.Product;

namespace Aegis.Durability.Judges;

/// <summary>The forge's bare repository, read by git itself.</summary>
internal sealed class RepositoryReading(string bare)
{
    public string Folder => bare;

    /// <summary>Whether the branch is there at this moment, without starting git.</summary>
    public bool HasBranch(string branch) => File.Exists(Path.Combine(bare, "refs", "heads", branch));

    public int PullHeads() => Directory.Exists(Path.Combine(bare, "refs", "pull"))
        ? Directory.GetFiles(Path.Combine(bare, "refs", "pull"), "head", SearchOption.AllDirectories).Length
        : 0;

    public async Task<Pushed?> BranchAsync(string branch)
    {
        var sha = (await GitAsync(true, "rev-parse", "-q", "--verify", $"refs/heads/{branch}")).Trim();
        if (sha.Length == 0)
        {
            return null;
        }
        var commits = await GitAsync(false, "rev-list", "--count", $"refs/heads/main..{sha}");
        var tree = await GitAsync(false, "rev-parse", $"{sha}^{{tree}}");
        var pulls = await GitAsync(
            false, "for-each-ref", "--points-at", sha, "--format=%(refname)", "refs/pull");
        await GitAsync(false, "fsck", "--connectivity-only", "--no-dangling", sha);
        return new Pushed(sha, tree.Trim(), int.Parse(commits),
            [.. pulls.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(r => r.EndsWith("/head"))]);
    }

    public async Task<IReadOnlyList<string>> LinesAsync(string sha, string file) =>
        (await GitAsync(true, "show", $"{sha}:{file}")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private Task<string> GitAsync(bool mayFail, params string[] arguments) => Command.RunAsync("git",
        ["-C", bare, .. arguments], Environment, mayFail);

    private static readonly Dictionary<string, string> Environment = new()
    {
        ["GIT_CONFIG_NOSYSTEM"] = "1",
        ["GIT_CONFIG_GLOBAL"] = "/dev/null",
        ["GIT_CONFIG_COUNT"] = "1",
        ["GIT_CONFIG_KEY_0"] = "safe.directory",
        ["GIT_CONFIG_VALUE_0"] = "*",
    };
}

/// <param name="Commits">On the branch and not on main.</param>
/// <param name="Pulls">refs/pull/N/head that point at it.</param>
internal sealed record Pushed(string Sha, string Tree, int Commits, IReadOnlyList<string> Pulls);
