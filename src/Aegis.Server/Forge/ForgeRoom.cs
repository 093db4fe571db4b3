using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Ledger;
using Aegis.Ledger.Forge;
using Aegis.Processes;
using Aegis.Server.Rooms;

namespace Aegis.Server.Forge;

/// <summary>The local forge: repositories, pull requests and their doors.</summary>
public sealed class ForgeRoom : RepositoryRoom, IDisposable
{
    private readonly ForgeDoors doors;

    /// <summary>Opens the forge on its folder and removes what a killed server left there.</summary>
    public ForgeRoom(string root, ProcessLauncher launcher, LedgerDatabase ledger, TimeProvider time)
    {
        var git = new GitProcess(launcher);
        Repositories = new ForgeRepositories(Directory.CreateDirectory(root).FullName, git);
        Repositories.Recover();
        var pulls = new PullRequests(ledger);
        var branches = new PullBranches(Repositories, git, pulls, time);
        var api = new PullApi(Repositories, branches, new PullMerge(git), pulls, time);
        var (commits, reports) = (new CommitNames(Repositories), new CommitReports(ledger));
        var statuses = new StatusApi(commits, reports, Repositories, time);
        var checks = new CheckApi(commits, reports, time);
        doors = new ForgeDoors(
            Repositories, new RepositoryApi(Repositories), api, new CommentApi(api, pulls, time),
            new CommitApi(commits, statuses, checks), statuses, checks,
            new SmartHttp(Repositories, git, branches));
    }

    public ForgeRepositories Repositories { get; }

    public override async ValueTask<IReadOnlyList<RepositoryEntry>> ListAsync(Tenancy tenancy,
        CancellationToken cancel)
    {
        var entries = new List<RepositoryEntry>();
        foreach (var name in Repositories.List(tenancy))
        {
            entries.Add(await EntryAsync(tenancy, name, cancel));
        }
        return entries;
    }

    public override async ValueTask<RepositoryEntry> CreateAsync(Tenancy tenancy, string name,
        CancellationToken cancel)
    {
        await Repositories.CreateAsync(tenancy, name, cancel);
        return await EntryAsync(tenancy, name, cancel);
    }

    public override async ValueTask<RepositoryEntry> BeginAsync(Tenancy tenancy, string name, string message,
        CancellationToken cancel)
    {
        await Repositories.BeginAsync(tenancy, name, message, cancel);
        return await EntryAsync(tenancy, name, cancel);
    }

    public override void Map(IEndpointRouteBuilder routes) => routes.MapForge(doors);

    public void Dispose() => doors.Http.Dispose();

    private async Task<RepositoryEntry> EntryAsync(Tenancy tenancy, string name, CancellationToken cancel)
    {
        var path = Repositories.Existing(tenancy, name);
        var byDefault = await Repositories.DefaultBranchAsync(path, cancel);
        var there = await Repositories.ResolveAsync(path, "refs/heads/" + byDefault, cancel) is not null;
        return new RepositoryEntry(
            name, there ? byDefault : null, ForgeEndpoints.ClonePath(tenancy.Project, name));
    }
}
