using System.Collections.Concurrent;
using System.Threading.Channels;
using Aegis.Core;
using Aegis.Core.Caching;
using Aegis.Core.Errors;
using Aegis.Core.Vaccines;
using Aegis.Gate.Policies;
using Aegis.Ledger;
using Aegis.Ledger.Tenants;
using Aegis.Ledger.Vaccines;

namespace Aegis.Gate.Vaccines;

/// <summary>
/// The vaccines of each project, ready to be asked. They are read as a policy is
/// (<see cref="PolicyShelf"/>, which asks for them when it reads one), so what is minted binds within that
/// shelf's time on every node, and at once on the one that minted. A project's vaccines are made ready again
/// only when the ledger's stamp of them has changed: that costs as many regular expressions as there are.
/// </summary>
public sealed class VaccineShelf(LedgerDatabase database, TenantDirectory tenants) : IVaccines
{
    /// <summary>Projects kept in memory.</summary>
    public const int KeptMax = 1_024;

    /// <summary>Stopped calls that wait to be counted; beyond it the oldest are not, which the calls' own
    /// records show.</summary>
    public const int WaitingMax = 10_000;

    private readonly VaccineTable table = new(database);
    private readonly ConcurrentDictionary<Tenancy, (VaccineStamp Stamp, VaccineGuard Guard)> kept = new();

    private readonly Channel<(Tenancy Of, StoppedCall Call)> stopped =
        Channel.CreateBounded<(Tenancy, StoppedCall)>(new BoundedChannelOptions(WaitingMax)
        {
            FullMode = BoundedChannelFullMode.DropOldest,
        });

    /// <summary>Woken when a stopped call waits.</summary>
    public Action Waits { get; set; } = () => { };

    public async ValueTask<VaccineGuard> OfAsync(Tenancy tenancy, CancellationToken cancel)
    {
        var keys = await tenants.ResolveAsync(tenancy, cancel)
            ?? throw new InvariantViolationException($"project {tenancy} is gone");
        var stamp = await table.StampAsync(keys, cancel);
        if (kept.TryGetValue(tenancy, out var known) && known.Stamp == stamp)
        {
            return known.Guard;
        }
        var guard = VaccineGuard.Of(await table.ListAsync(keys, cancel));
        kept.Keep(tenancy, (stamp, guard), KeptMax);
        return guard;
    }

    public void Stopped(Principal by, string tool, VaccineStop stop, string? callId)
    {
        stopped.Writer.TryWrite((by.Tenancy,
            new StoppedCall(stop.Vaccine.Id, tool, stop.Where, callId, by.Actor)));
        Waits();
    }

    /// <summary>Stopped calls that nobody has counted yet, at most so many.</summary>
    public IReadOnlyList<(Tenancy Of, StoppedCall Call)> Take(int most)
    {
        var taken = new List<(Tenancy, StoppedCall)>();
        while (taken.Count < most && stopped.Reader.TryRead(out var one))
        {
            taken.Add(one);
        }
        return taken;
    }
}
