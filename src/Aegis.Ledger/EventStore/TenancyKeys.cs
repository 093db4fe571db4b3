namespace Aegis.Ledger;

/// <summary>The integer keys behind a tenant's and a project's text ids.</summary>
public readonly record struct TenancyKeys(int Tenant, int Project);
