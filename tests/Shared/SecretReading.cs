using Aegis.Core;
using Aegis.Ledger.Secrets;
using Aegis.Ledger.Tenants;

namespace Aegis.Tests.Shared;

/// <summary>Reads a secret's newest value, as a test may.</summary>
public static class SecretReading
{
    public static async Task<string?> ValueAsync(this SecretVault vault, Tenancy tenancy, TenancyKeys keys,
        string name, CancellationToken cancel) =>
        (await vault.PeekAsync(tenancy, keys, name, cancel)).FirstOrDefault()?.Value;
}
