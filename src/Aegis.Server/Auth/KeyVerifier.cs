using System.Collections.Concurrent;
using Aegis.Ledger.Tenants;

namespace Aegis.Server.Auth;

/// <summary>Says whom a key stands for. Valid keys are remembered for a few seconds by their hash, so a busy
/// client costs one look-up per period and a revocation holds within it; invalid ones are never
/// remembered.</summary>
public sealed class KeyVerifier(TenantDirectory tenants, TimeProvider time)
{
    private const int TokenCharsMax = 256;
    private readonly ConcurrentDictionary<string, Entry> known = new(StringComparer.Ordinal);

    internal int Count => known.Count;

    /// <summary>Null for a text that is no valid key, whatever is wrong with it.</summary>
    public async ValueTask<Identity?> FindAsync(string token, CancellationToken cancel)
    {
        if (token.Length > TokenCharsMax)
        {
            return null;
        }
        var hash = ApiKey.Hash(token);
        var name = Convert.ToHexStringLower(hash);
        if (known.TryGetValue(name, out var entry) && time.GetElapsedTime(entry.At) < DoorLimits.KeyLife)
        {
            return entry.Identity;
        }
        // the age counts from before the look-up: a revocation during it still holds in time
        var at = time.GetTimestamp();
        var identity = await tenants.FindKeyAsync(hash, cancel);
        if (identity is null)
        {
            known.TryRemove(name, out _);
            return null;
        }
        MakeRoom();
        known[name] = new Entry(identity, at);
        return identity;
    }

    /// <summary>Forgets a key that this server has just revoked.</summary>
    public void Forget(string keyId)
    {
        foreach (var (name, entry) in known)
        {
            if (entry.Identity.KeyId == keyId)
            {
                known.TryRemove(name, out _);
            }
        }
    }

    private void MakeRoom()
    {
        if (known.Count < DoorLimits.KeysCachedMax)
        {
            return;
        }
        foreach (var (name, entry) in known)
        {
            if (time.GetElapsedTime(entry.At) >= DoorLimits.KeyLife)
            {
                known.TryRemove(name, out _);
            }
        }
        if (known.Count >= DoorLimits.KeysCachedMax)
        {
            known.Clear();
        }
    }

    private sealed record Entry(Identity Identity, long At);
}
