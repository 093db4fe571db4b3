using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Runs.Events;
using Aegis.Engine.Pump;
using Aegis.Gate;
using Aegis.Tools.Git;

namespace Aegis.Server.Forge;

/// <summary>A branch and the commit it is at.</summary>
public sealed record BranchTip(string Name, string Sha);

/// <summary>The bare repositories of all tenants, at <c>ROOT/tenant/project/name.git</c>. They have no hooks
/// and no configuration that anyone but this class wrote.</summary>
public sealed class ForgeRepositories(string root, GitProcess git) : IRunRepositories
{
    public const string DefaultBranchOfNew = "main";
    private const string HeadPrefix = "refs/heads/";
    private const string TagPrefix = "refs/tags/";

    /// <summary>Where a repository is, or would be; AEGIS2201 for a name that cannot be one.</summary>
    public string PathOf(Tenancy tenancy, string name) =>
        IsName(name) ? Join(tenancy, name) : throw new AegisException(ForgeErrors.BadName(name));

    /// <summary>The repository's place; AEGIS2200 where there is none.</summary>
    public string Existing(Tenancy tenancy, string name) =>
        Has(tenancy, name) ? Join(tenancy, name) : throw new AegisException(ForgeErrors.Unknown(name));

#pragma warning disable CA3003 // IdRule leaves a single folder name, never a path
    public bool Has(Tenancy tenancy, string name) => IsName(name) && Directory.Exists(Join(tenancy, name));
#pragma warning restore CA3003

    /// <summary>Makes an empty repository whose first branch will be <c>main</c>.</summary>
    public Task CreateAsync(Tenancy tenancy, string name, CancellationToken cancel) =>
        PlaceAsync(tenancy, name, _ => Task.CompletedTask, cancel);

    /// <summary>Makes a repository whose branch <c>main</c> has a first commit, without files: a run can work
    /// on it.</summary>
    public Task BeginAsync(Tenancy tenancy, string name, string message, CancellationToken cancel) =>
        PlaceAsync(tenancy, name, async staged =>
        {
            var tree = (await git.MustAsync(staged, cancel, "write-tree")).Trim();
            var commit = (await git.MustAsync(staged, cancel, "commit-tree", tree, "-m", message)).Trim();
            await git.MustAsync(staged, cancel, "update-ref", HeadPrefix + DefaultBranchOfNew, commit);
        }, cancel);

    /// <summary>Makes a repository from a local one or from a bundle: its branches and tags, each object
    /// checked. Two steps, because git checks no objects of a bundle before version 2.46.</summary>
    public Task ImportAsync(Tenancy tenancy, string name, string source, CancellationToken cancel) =>
        PlaceAsync(tenancy, name, async staged =>
        {
            var raw = staged + ".raw";
            try
            {
                await InitAsync(raw, cancel);
                await FetchAsync(raw, [], Path.GetFullPath(source), cancel);
                await FetchAsync(staged, HostGit.Strict, raw, cancel);
                await PointHeadAsync(staged, cancel);
            }
            finally
            {
                DeleteFolder(raw);
            }
        }, cancel);

    public Task DeleteAsync(Tenancy tenancy, string name, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var doomed = Path.Combine(Staging(), Path.GetRandomFileName());
        Directory.Move(Existing(tenancy, name), doomed);
        DeleteFolder(doomed);
        return Task.CompletedTask;
    }

    /// <summary>Names in order.</summary>
    public ImmutableArray<string> List(Tenancy tenancy)
    {
        var folder = Path.Combine(root, tenancy.Tenant, tenancy.Project);
        return Directory.Exists(folder)
            ? [.. Directory.EnumerateDirectories(folder, "*.git").Select(p => Path.GetFileName(p)[..^4])
                .Order(StringComparer.Ordinal)]
            : [];
    }

    /// <summary>The branches in order of name.</summary>
    public async Task<ImmutableArray<BranchTip>> BranchesAsync(string path, CancellationToken cancel)
    {
        var listing = await git.MustAsync(path, cancel, "for-each-ref", "--format=%(objectname) %(refname)",
            HeadPrefix);
        return [.. listing.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => new BranchTip(l[(41 + HeadPrefix.Length)..], l[..40]))];
    }

    /// <summary>Where HEAD points, whether or not that branch has a commit yet.</summary>
    public async Task<string> DefaultBranchAsync(string path, CancellationToken cancel)
    {
        var head = (await git.MustAsync(path, cancel, "symbolic-ref", "HEAD")).Trim();
        return head[HeadPrefix.Length..];
    }

    public async Task SetDefaultBranchAsync(string path, string branch, CancellationToken cancel)
    {
        if (!RefName.IsBranch(branch) || await ResolveAsync(path, HeadPrefix + branch, cancel) is null)
        {
            throw new AegisException(ForgeErrors.NoCommit(Path.GetFileNameWithoutExtension(path), branch));
        }
        await git.MustAsync(path, cancel, "symbolic-ref", "HEAD", HeadPrefix + branch);
    }

    /// <summary>The commit that a ref or a sha names, or null.</summary>
    public async Task<string?> ResolveAsync(string path, string reference, CancellationToken cancel)
    {
        var answer = await git.OnAsync(path, cancel, "rev-parse", "--verify", "--quiet", "--end-of-options",
            reference + "^{commit}");
        var sha = answer.Output.Trim();
        return answer.Ok && RefName.IsSha(sha) ? sha : null;
    }

    public RunRepository Find(Tenancy tenancy, RepositoryRef named) =>
        new(named.Name, Existing(tenancy, named.Name), named.Branch, named.Sha, named.DefaultBranch);

    public async ValueTask<RepositoryRef> ResolveAsync(Tenancy tenancy, string name, string? reference,
        string? branch, CancellationToken cancel)
    {
        var path = Existing(tenancy, name);
        var byDefault = await DefaultBranchAsync(path, cancel);
        var asked = reference ?? byDefault;
        // a sha is a commit, also where somebody has called a branch so
        if (RefName.IsSha(asked))
        {
            return await ResolveAsync(path, asked, cancel) is { } sha
                && await HolderAsync(path, sha, [branch ?? byDefault, byDefault], cancel) is { } holder
                ? new RepositoryRef(name, holder, sha, byDefault)
                : throw new AegisException(ForgeErrors.NotHeld(name, asked));
        }
        var wanted = asked.StartsWith(HeadPrefix, StringComparison.Ordinal) ? asked[HeadPrefix.Length..]
            : asked;
        return RefName.IsBranch(wanted) && await ResolveAsync(path, HeadPrefix + wanted, cancel) is { } tip
            ? new RepositoryRef(name, wanted, tip, byDefault)
            : throw new AegisException(ForgeErrors.NoCommit(name, asked));
    }

    /// <summary>Points HEAD at a branch that exists, where it points at none: the first push has chosen
    /// another name.</summary>
    public async Task PointHeadAsync(string path, CancellationToken cancel)
    {
        var branches = await BranchesAsync(path, cancel);
        var head = await DefaultBranchAsync(path, cancel);
        if (branches.IsEmpty || branches.Any(b => b.Name == head))
        {
            return;
        }
        var chosen = branches.FirstOrDefault(b => b.Name is "main" or "master") ?? branches[0];
        await git.MustAsync(path, cancel, "symbolic-ref", "HEAD", HeadPrefix + chosen.Name);
    }

    /// <summary>Removes what a killed git left: locks, half-received packs, half-made repositories. Only
    /// while nothing uses the repositories: at the start, before doors and engine.</summary>
    public void Recover()
    {
        if (!Directory.Exists(root))
        {
            return;
        }
        DeleteFolder(Staging());
        var all = Directory.EnumerateDirectories(root).SelectMany(Directory.EnumerateDirectories)
            .SelectMany(project => Directory.EnumerateDirectories(project, "*.git"));
        foreach (var repository in all)
        {
            foreach (var stale in Directory.EnumerateDirectories(
                Path.Combine(repository, "objects"), "tmp_objdir-*"))
            {
                DeleteFolder(stale);
            }
            foreach (var place in (string[])[repository, Path.Combine(repository, "objects", "pack")])
            {
                DeleteLocks(place, SearchOption.TopDirectoryOnly);
            }
            DeleteLocks(Path.Combine(repository, "refs"), SearchOption.AllDirectories);
        }
    }

    private static bool IsName(string name) =>
        IdRule.IsValid(name) && !name.EndsWith(".git", StringComparison.OrdinalIgnoreCase)
        && !name.EndsWith(".lock", StringComparison.OrdinalIgnoreCase);

    private string Join(Tenancy tenancy, string name) =>
        IdRule.IsValid(tenancy.Tenant) && IdRule.IsValid(tenancy.Project)
            ? Path.Combine(root, tenancy.Tenant, tenancy.Project, name + ".git")
            : throw new InvariantViolationException("a tenancy without well-formed ids reached the forge");

    private static void DeleteLocks(string folder, SearchOption depth)
    {
        if (Directory.Exists(folder))
        {
            foreach (var file in Directory.EnumerateFiles(folder, "*", depth).Where(f =>
                f.EndsWith(".lock", StringComparison.Ordinal)
                || Path.GetFileName(f).StartsWith("tmp_", StringComparison.Ordinal)))
            {
                File.Delete(file);
            }
        }
    }

    /// <summary>The branch that a commit is worked on as: the first preferred one that holds it, else any,
    /// else one called like a tag that does. Null for a commit that git may throw away.</summary>
    private async Task<string?> HolderAsync(
        string path, string sha, ImmutableArray<string> preferred, CancellationToken cancel)
    {
        var branches = await HoldersAsync(path, sha, HeadPrefix, cancel);
        return preferred.FirstOrDefault(branches.Contains) ?? branches.FirstOrDefault()
            ?? (await HoldersAsync(path, sha, TagPrefix, cancel)).FirstOrDefault(RefName.IsBranch);
    }

    private async Task<string[]> HoldersAsync(
        string path, string sha, string prefix, CancellationToken cancel)
    {
        var answer = await git.OnAsync(path, cancel, "for-each-ref", "--contains", sha,
            "--format=%(refname:lstrip=2)", prefix);
        return answer.Ok ? answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries) : [];
    }

    private async Task PlaceAsync(
        Tenancy tenancy, string name, Func<string, Task> fill, CancellationToken cancel)
    {
        var path = PathOf(tenancy, name);
        if (Directory.Exists(path))
        {
            throw new AegisException(ForgeErrors.Taken(name));
        }
        var staged = Path.Combine(Directory.CreateDirectory(Staging()).FullName, Path.GetRandomFileName());
        try
        {
            await InitAsync(staged, cancel);
            await fill(staged);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            Directory.Move(staged, path);
        }
        catch (IOException) when (Directory.Exists(path))
        {
            throw new AegisException(ForgeErrors.Taken(name));
        }
        finally
        {
            DeleteFolder(staged);
        }
    }

    private async Task InitAsync(string path, CancellationToken cancel)
    {
        var made = await git.RunAsync([.. HostGit.Guards, "init", "--quiet", "--bare", "--template=",
            $"--initial-branch={DefaultBranchOfNew}", "--", path], cancel);
        if (!made.Ok)
        {
            throw new AegisException(GitProcess.Failed("init", made));
        }
    }

    private async Task FetchAsync(
        string into, ImmutableArray<string> settings, string from, CancellationToken cancel)
    {
        var fetched = await git.OnAsync(into, cancel, [.. settings, "fetch", "--quiet", "--no-tags",
            "--no-write-fetch-head", "--no-auto-gc", "--no-recurse-submodules", "--update-head-ok", "--",
                from,
            "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"]);
        if (!fetched.Ok)
        {
            throw new AegisException(ForgeErrors.ImportRefused(fetched.LastError));
        }
    }

    // beside the tenants' folders, so that a rename places it; no id begins with a dot
    private string Staging() => Path.Combine(root, ".staging");

    private static void DeleteFolder(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }
}
