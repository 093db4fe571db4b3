using System.Collections.Concurrent;
using Aegis.Ledger.Tenants;

namespace Aegis.Engine.Node;

/// <summary>The newest profile version of each project, in memory: a run's start asks for it, and must not
/// cost a round trip. Forgotten when a door stores a newer one.</summary>
internal sealed class ProfileVersions(ProfileStore store)
{
    private readonly ConcurrentDictionary<TenancyKeys, int> newest = new();

    /// <summary>The version, or null where the project has no profile.</summary>
    public async ValueTask<int?> NewestAsync(TenancyKeys keys, CancellationToken cancel)
    {
        if (!newest.TryGetValue(keys, out var version))
        {
            version = (await store.NewestAsync(keys, cancel))?.Version ?? 0;
            newest[keys] = version;
        }
        return version == 0 ? null : version;
    }

    public void Forget(string notice)
    {
        var parts = notice.Split('.');
        newest.TryRemove(new TenancyKeys(int.Parse(parts[0]), int.Parse(parts[1])), out _);
    }

    public void ForgetAll() => newest.Clear();
}
