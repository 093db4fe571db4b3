using System.Collections.Immutable;
using Aegis.Core.Deployments;
using Aegis.Core.Runs.Events;
using Aegis.Ledger.Deployments;

namespace Aegis.Engine.Deployments;

// What becomes of a deployment by itself: its programs die, are well again, or go back to the version before;
// and versions that nobody needs any more go.
internal sealed partial class Deployment
{
    /// <summary>Called by a program's keeper; must not wait for a turn.</summary>
    private TimeSpan Died(LiveRelease live, ServiceDeath death)
    {
        CrashCount crashes;
        lock (live)
        {
            crashes = live.Crashes = live.Crashes.Add(parts.Time.GetUtcNow());
        }
        Log.Add("aegis",
            $"{death.Service.Name} died: {death.Why}; again in {crashes.Pause.TotalSeconds:0.#} s");
        if (live == address.Routes.Current)
        {
            _ = Task.Run(() => CrashedAsync(live, death, crashes), CancellationToken.None);
        }
        return crashes.Pause;
    }

    private async Task CrashedAsync(LiveRelease live, ServiceDeath death, CrashCount crashes)
    {
        try
        {
            await turn.WaitAsync(stop.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            return;
        }
        try
        {
            if (live != address.Routes.Current)
            {
                return;
            }
            // of a loop that goes on, the ledger has the beginning
            ImmutableArray<RunEvent> facts = crashes.Deaths.Length > DeploymentLimits.CrashesMax ? [] :
                [new DeploymentCrashed(Fact(), Name, live.Id, death.Service.Name, death.Code,
                    crashes.Deaths.Length, (long)crashes.Pause.TotalMilliseconds)];
            await WriteAsync(row with
            {
                Status = crashes.IsLoop ? DeploymentRow.CrashLoop : DeploymentRow.Unhealthy,
                Error = $"{death.Service.Name}: {death.Why}", Restarts = row.Restarts + 1,
            }, null, facts, stop.Token);
            if (!crashes.IsLoop || !await FallBackAsync(live, death))
            {
                _ = Task.Run(() => WellAgainAsync(live, parts.Time.GetTimestamp()), CancellationToken.None);
            }
        }
        catch (Exception e)
        {
            EngineLog.DeploymentBroke(parts.Log, Name, e);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>From a crash loop to the version before; false where there is none.</summary>
    private async Task<bool> FallBackAsync(LiveRelease live, ServiceDeath death)
    {
        if (await FindAsync(row.Before, stop.Token) is not { } target
            || await FindAsync(live.Id, stop.Token) is not { } bad)
        {
            return false;
        }
        var standing = settling.Take(r => r.Id == target.Id);
        var back = standing ?? await LiveAsync(target, stop.Token);
        if (standing is null)
        {
            back.StartSometime();
        }
        await WriteAsync(row with { Release = target.Id, Before = null, Status = DeploymentRow.Starting },
            bad with { Verdict = ReleaseRow.RolledBack },
            [new DeploymentRolledBack(Fact(), Name, live.Id, target.Id, "crash_loop", death.Why, "server"),
                new DeploymentSwitched(Fact(), Name, target.Id, live.Id, row.Port!.Value)], stop.Token);
        address.Routes.Current = back;
        _ = Task.Run(live.RetireAsync, CancellationToken.None);
        _ = Task.Run(() => WellAgainAsync(back, parts.Time.GetTimestamp()), CancellationToken.None);
        return true;
    }

    private async Task WellAgainAsync(LiveRelease live, long began)
    {
        if (!live.TryAwait())
        {
            return;
        }
        try
        {
            await live.WellAsync(Timeout.InfiniteTimeSpan, stop.Token);
            await turn.WaitAsync(stop.Token);
            try
            {
                if (live == address.Routes.Current && row.Status != DeploymentRow.Healthy)
                {
                    await WriteAsync(row with { Status = DeploymentRow.Healthy, Error = null }, null,
                        [new DeploymentHealthy(Fact(), Name, live.Id,
                            (long)parts.Time.GetElapsedTime(began).TotalMilliseconds)], stop.Token);
                }
            }
            finally
            {
                turn.Release();
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or IOException)
        {
            // taken down before
        }
        catch (Exception e)
        {
            EngineLog.DeploymentBroke(parts.Log, Name, e);
        }
        finally
        {
            live.Awaited();
        }
    }

    private async Task TidyAsync(int kept)
    {
        try
        {
            await PruneAsync(kept);
        }
        catch (Exception e)
        {
            // what is served is served: the next version forgets what this one could not
            EngineLog.DeploymentBroke(parts.Log, Name, e);
        }
    }

    private async Task PruneAsync(int kept)
    {
        var all = await parts.Table.ReleasesAsync(keys, Name, CancellationToken.None);
        var gone = all.Where(r => r.Id != row.Release && r.Id != row.Before)
            .Skip(Math.Max(0, kept - 2)).ToList();
        if (gone.Count == 0)
        {
            return;
        }
        await parts.Table.ForgetAsync(keys, Name, gone.Select(r => r.Id), CancellationToken.None);
        var trees = all.Except(gone).Select(r => r.Spec.Tree).ToHashSet(StringComparer.Ordinal);
        foreach (var release in gone.DistinctBy(r => r.Spec.Tree).Where(r => !trees.Contains(r.Spec.Tree)))
        {
            await shelf.ForgetAsync(tenancy, Name, release.Spec, CancellationToken.None);
        }
    }
}
