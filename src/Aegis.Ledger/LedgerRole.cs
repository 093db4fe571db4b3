namespace Aegis.Ledger;

/// <summary>The database roles; docs/roles.md has the table of role × table × verb, and a test holds
/// it.</summary>
public enum LedgerRole
{
    /// <summary>DDL and migrations only.</summary>
    Owner,

    /// <summary>Doors: one tenant and project per transaction.</summary>
    App,

    /// <summary>Tenant-wide doors: one tenant per transaction.</summary>
    AppTenant,

    /// <summary>The engine: events, streams, leases, commands, read models across tenants.</summary>
    Engine,

    /// <summary>Only SECURITY DEFINER functions: key look-up, tenant creation.</summary>
    Auth,
}
