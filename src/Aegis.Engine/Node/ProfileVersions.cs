using System.Collections.Concurrent;
using Aegis.Ledger.Tenants;

namespace Aegis.Engine.Node;

/// <summary>The newest profile version of each project, in memory: a run's start asks for it, and must not
/// cost a round trip. The node whose door stored a newer one knows it before the door answers; the others
/// forget theirs when the ledger tells them.</summary>
internal sealed class ProfileVersions(Func<TenancyKeys, CancellationToken, Task<int>> read)
{
    private readonly ConcurrentDictionary<TenancyKeys, int> newest = new();
    private readonly Lock turn = new();
    private int forgotten;

    public ProfileVersions(ProfileStore store)
        : this(async (keys, cancel) => (await store.NewestAsync(keys, cancel))?.Version ?? 0)
    {
    }

    /// <summary>The version, or null where the project has no profile.</summary>
    public async ValueTask<int?> NewestAsync(TenancyKeys keys, CancellationToken cancel)
    {
        if (!newest.TryGetValue(keys, out var version))
        {
            var since = Volatile.Read(ref forgotten);
            version = await read(keys, cancel);
            lock (turn)
            {
                // what was read before a notice may be what the notice made old
                if (since == forgotten)
                {
                    version = Keep(keys, version);
                }
            }
        }
        return version == 0 ? null : version;
    }

    /// <summary>A door of this node has stored a version.</summary>
    public void Stored(TenancyKeys keys, int version)
    {
        lock (turn)
        {
            Keep(keys, version);
        }
    }

    public void Forget(string notice)
    {
        var parts = notice.Split('.');
        lock (turn)
        {
            forgotten++;
            newest.TryRemove(new TenancyKeys(int.Parse(parts[0]), int.Parse(parts[1])), out _);
        }
    }

    public void ForgetAll()
    {
        lock (turn)
        {
            forgotten++;
            newest.Clear();
        }
    }

    // versions only grow: of two that cross, the higher is the newer
    private int Keep(TenancyKeys keys, int version) =>
        newest.AddOrUpdate(keys, version, (_, known) => Math.Max(known, version));
}
