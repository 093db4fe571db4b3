using Aegis.Client;

namespace Aegis.Cli.Git;

/// <summary>A git repository on this machine, and how it gets to the server's forge.</summary>
internal sealed class LocalRepository
{
    private LocalRepository(string directory, string branch, string sha)
    {
        Directory = directory;
        Branch = branch;
        Sha = sha;
    }

    public string Directory { get; }

    public string Branch { get; }

    /// <summary>The commit that HEAD, or the branch that was asked for, points at.</summary>
    public string Sha { get; }

    /// <summary>The folder's name, with what an id cannot hold replaced by <c>-</c>.</summary>
    public string Name
    {
        get
        {
            var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Directory)));
            var clean = string.Concat(
                name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' ? c : '-'))
                .TrimStart('.', '_', '-');
            return clean.Length is 0 ? "repository" : clean[..Math.Min(clean.Length, Core.IdRule.LengthMax)];
        }
    }

    /// <summary>A path is what has a slash, begins with a dot, or is a folder here; all else is a
    /// name.</summary>
    public static bool IsPath(string text) =>
        text.Contains('/', StringComparison.Ordinal) || text.StartsWith('.')
            || System.IO.Directory.Exists(text);

    public static async Task<LocalRepository> OpenAsync(
        string directory, string? branch, CancellationToken cancel)
    {
        branch ??= (await GitProgram.RunAsync(directory, ["symbolic-ref", "--short", "HEAD"], cancel)).Trim();
        var sha = await GitProgram.RunAsync(
            directory, ["rev-parse", "--verify", $"{branch}^{{commit}}"], cancel);
        return new LocalRepository(directory, branch, sha.Trim());
    }

    public async Task<bool> HasUncommittedAsync(CancellationToken cancel) =>
        (await GitProgram.RunAsync(
            Directory, ["status", "--porcelain", "--untracked-files=no"], cancel)).Length > 0;

    /// <summary>Sends one branch; the server refuses what is not a fast-forward.</summary>
    public Task PushBranchAsync(Repository target, string key, CancellationToken cancel) =>
        PushAsync(target, key, [$"{Sha}:refs/heads/{Branch}"], cancel);

    /// <summary>Sends every branch and tag.</summary>
    public Task PushAllAsync(Repository target, string key, CancellationToken cancel) =>
        PushAsync(target, key, ["refs/heads/*:refs/heads/*", "refs/tags/*:refs/tags/*"], cancel);

    private Task PushAsync(Repository target, string key, string[] refs, CancellationToken cancel) =>
        GitProgram.RunAsync(Directory, ["push", "--quiet", target.CloneUrl, .. refs],
            GitProgram.Credentials(new Uri(target.CloneUrl), key), cancel);
}
