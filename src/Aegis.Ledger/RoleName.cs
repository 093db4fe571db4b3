namespace Aegis.Ledger;

/// <summary>The roles' names in PostgreSQL. Roles are shared by all databases of a cluster, hence the
/// prefix.</summary>
public static class RoleName
{
    /// <summary>Owns the SECURITY DEFINER functions; nobody can log in as it.</summary>
    public const string Definer = "aegis_definer";

    public static IReadOnlyList<string> LogIns { get; } = [.. Enum.GetValues<LedgerRole>().Select(Of)];

    public static string Of(LedgerRole role) => role switch
    {
        LedgerRole.Owner => "aegis_owner",
        LedgerRole.App => "aegis_app",
        LedgerRole.AppTenant => "aegis_app_tenant",
        LedgerRole.Engine => "aegis_engine",
        LedgerRole.Auth => "aegis_auth",
        _ => throw new ArgumentOutOfRangeException(nameof(role)),
    };
}
