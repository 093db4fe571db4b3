using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Deployments;
using Aegis.Core.Errors;
using Aegis.Core.Runs.Events;
using Aegis.Gate.Deployments;
using Aegis.Ledger.Deployments;
using Aegis.Ledger.Tenants;

namespace Aegis.Engine.Deployments;

/// <summary>
/// One name: a stable address and what answers there. Changes come one at a time: 1. the version is started
/// beside what is served; 2. every service answers its health check, or the version is given up and nothing
/// has changed; 3. what is to be served is written, with its fact; 4. the address leads there (a reference is
/// exchanged; requests under way go on where they are); 5. the version before stays up for a while, so that
/// a crash loop goes back at once. The row is written before 4: a server that dies starts what it says.
/// </summary>
internal sealed partial class Deployment : IAsyncDisposable
{
    private readonly DeploymentParts parts;
    private readonly ReleaseShelf shelf;
    private readonly DeploymentAddress address;
    private readonly TenancyKeys keys;
    private readonly Tenancy tenancy;
    private readonly SemaphoreSlim turn = new(1);
    private readonly CancellationTokenSource stop = new();
    private readonly Settling settling;
    private DeploymentRow row;

    public Deployment(DeploymentParts parts, ReleaseShelf shelf, DeploymentAddress address, TenancyKeys keys,
        Tenancy tenancy, DeploymentRow row)
    {
        (this.parts, this.shelf, this.address, this.keys, this.tenancy, this.row) =
            (parts, shelf, address, keys, tenancy, row);
        Log = new DeploymentLog(shelf.Folder(tenancy, row.Name), parts.Time);
        settling = new Settling(parts);
    }

    public DeploymentLog Log { get; }

    public IReadOnlyList<(string Service, bool Well)> Health => [.. address.Routes.Current?.Health ?? []];

    private string Name => row.Name;

    public async Task<ServedRelease> DeployAsync(
        DeployOrder order, Action<string> said, CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            said($"sealing the tree sha256:{order.Release.Tree}");
            await shelf.SealAsync(tenancy, Name, order.Release, order.Archive, cancel);
            var release = new ReleaseRow(order.Release.Id(), order.Release, order.CallId, order.By.Actor,
                parts.Time.GetUtcNow(), ReleaseRow.Starting);
            var served = await BringUpAsync(release, "deploy", order.By.Actor, said, cancel);
            await TidyAsync(order.Kept);
            return served;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Back to a version; null for the one before.</summary>
    public async Task RollBackAsync(string? to, string actor, CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            var target = await FindAsync(to ?? row.Before, cancel);
            if (target is null || target.Id == row.Release || target.Verdict == ReleaseRow.Starting)
            {
                throw DeploymentErrors.NoVersion(Name, to);
            }
            var from = row.Release;
            await BringUpAsync(target, "rollback", actor, _ => { }, cancel, from is null ? [] :
                [new DeploymentRolledBack(Fact(), Name, from, target.Id, "asked", null, actor)]);
        }
        finally
        {
            turn.Release();
        }
    }

    public async Task StopAsync(string actor, CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            await WriteAsync(row with { Wanted = DeploymentRow.Stopped, Status = DeploymentRow.Stopped },
                null, [new DeploymentStopped(Fact(), Name, row.Release, actor)], cancel);
            await TakeDownAsync();
        }
        finally
        {
            turn.Release();
        }
    }

    public async Task StartAsync(string actor, CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            if (row.Wanted == DeploymentRow.Running && address.Routes.IsServing)
            {
                return;
            }
            var release = await FindAsync(row.Release, cancel)
                ?? throw DeploymentErrors.NoVersion(Name, row.Release);
            await BringUpAsync(release, "start", actor, _ => { }, cancel);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>After a restart of the server: the address answers at once, and requests wait for the
    /// programs.</summary>
    public async Task RecoverAsync(CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            await shelf.ClearAsync(tenancy, Name, cancel);
            if (row.Wanted != DeploymentRow.Running
                || await FindAsync(row.Release, cancel) is not { } release
                || !shelf.Holds(tenancy, Name, release.Spec))
            {
                return;
            }
            var began = parts.Time.GetTimestamp();
            var live = await LiveAsync(release, cancel);
            var port = await address.OpenAsync(row.Port, cancel);
            await WriteAsync(row with { Status = DeploymentRow.Starting, Port = port }, null,
                [new DeploymentStarted(Fact(), Name, release.Id, release.Spec.Tree, "server", "recovery",
                    null)], cancel);
            address.Routes.Current = live;
            live.StartSometime();
            _ = Task.Run(() => WellAgainAsync(live, began), CancellationToken.None);
        }
        finally
        {
            turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await turn.WaitAsync();
        await settling.DisposeAsync();
        await address.DisposeAsync();
        if (address.Routes.Current is { } live)
        {
            await live.DisposeAsync();
        }
        stop.Dispose();
        turn.Dispose();
    }

    private async Task<ServedRelease> BringUpAsync(ReleaseRow release, string why, string actor,
        Action<string> said, CancellationToken cancel, params RunEvent[] more)
    {
        var (before, began) = (address.Routes.Current, parts.Time.GetTimestamp());
        await WriteAsync(before is null ? row with { Status = DeploymentRow.Starting } : row,
            why == "deploy" ? release : null,
            [new DeploymentStarted(Fact(), Name, release.Id, release.Spec.Tree, actor, why, release.CallId)],
            cancel);
        said($"starting {release.Id}");
        var live = await LiveAsync(release, cancel);
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, stop.Token);
            await live.StartAsync(either.Token);
        }
        catch (Exception e)
        {
            await live.DisposeAsync();
            if (!stop.IsCancellationRequested)
            {
                await GiveUpAsync(release, before, actor, e);
            }
            throw;
        }
        var ms = (long)parts.Time.GetElapsedTime(began).TotalMilliseconds;
        said($"{release.Id} is well after {ms} ms");
        var served = await SwitchAsync(live, release, before, ms, [.. more], cancel);
        said($"{served.Url} leads to {release.Id}");
        return served;
    }

    private async Task<ServedRelease> SwitchAsync(LiveRelease live, ReleaseRow release, LiveRelease? before,
        long ms, ImmutableArray<RunEvent> more, CancellationToken cancel)
    {
        var was = row.Release;
        try
        {
            var port = await address.OpenAsync(row.Port, cancel);
            await WriteAsync(row with
            {
                Wanted = DeploymentRow.Running, Status = DeploymentRow.Healthy, Release = release.Id,
                Before = was == release.Id ? row.Before : was, Port = port, Error = null,
            }, release with { Verdict = ReleaseRow.Served },
                [new DeploymentHealthy(Fact(), Name, release.Id, ms), .. more,
                    new DeploymentSwitched(Fact(), Name, release.Id, was, port)], cancel);
        }
        catch
        {
            await live.DisposeAsync();
            throw;
        }
        address.Routes.Current = live;
        settling.Begin(before, TimeSpan.FromSeconds(release.Spec.SettleSeconds));
        return new ServedRelease(Name, release.Id, was, address.Url!, ms);
    }

    private async Task GiveUpAsync(ReleaseRow release, LiveRelease? before, string actor, Exception e)
    {
        var error = e is AegisException refused ? refused.Error.Message : e.GetType().Name;
        Log.Add("aegis", $"{release.Id} is given up: {error}");
        await WriteAsync(before is null ? row with { Status = DeploymentRow.Failed, Error = error }
                : row with { Error = error },
            release with { Verdict = ReleaseRow.RolledBack },
            [new DeploymentRolledBack(Fact(), Name, release.Id, before?.Id, "unhealthy", error, actor)],
            CancellationToken.None);
    }

    private async Task TakeDownAsync()
    {
        var live = address.Routes.Current;
        address.Routes.Current = null;
        await address.CloseAsync();
        await settling.EndAsync();
        if (live is not null)
        {
            await live.DisposeAsync();
        }
    }

    private async Task<LiveRelease> LiveAsync(ReleaseRow release, CancellationToken cancel) =>
        new(release.Id, release.Spec, await shelf.ViewAsync(tenancy, Name, release.Spec, cancel),
            new ServicePlace(parts, shelf, Log, tenancy, Name, release.Spec, release.Spec.Services[0]), Died);

    private async Task<ReleaseRow?> FindAsync(string? id, CancellationToken cancel) => id is null ? null
        : (await parts.Table.ReleasesAsync(keys, Name, cancel)).FirstOrDefault(r => r.Id == id);

    private async Task WriteAsync(DeploymentRow next, ReleaseRow? release, ImmutableArray<RunEvent> facts,
        CancellationToken cancel)
    {
        next = next with { UpdatedAt = parts.Time.GetUtcNow() };
        if (!await parts.Table.WriteAsync(keys, next, release, facts, cancel))
        {
            throw DeploymentErrors.Elsewhere(Name);
        }
        row = next;
        parts.FactWaits();
    }

    private static string Fact() => DeploymentTable.NewFactId();
}
