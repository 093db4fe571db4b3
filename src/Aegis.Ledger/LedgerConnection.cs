using Npgsql;

namespace Aegis.Ledger;

/// <summary>How a role connects. Pools together stay below the embedded server's 64 connections.</summary>
internal static class LedgerConnection
{
    private const int SmallPool = 4;
    private const int LargePool = 16;

    public static string For(NpgsqlConnectionStringBuilder admin, LedgerRole role) =>
        new NpgsqlConnectionStringBuilder(admin.ConnectionString)
        {
            Username = RoleName.Of(role),
            Password = DatabaseSetup.PasswordOf(role, admin.Password),
            // the session's own temporary tables last, so that none could stand before one of the ledger's
            SearchPath = "aegis, pg_temp",
            ApplicationName = RoleName.Of(role),
            Pooling = true,
            MaxPoolSize = role is LedgerRole.App or LedgerRole.Engine ? LargePool : SmallPool,
            // an idle server keeps no connection it does not use
            ConnectionIdleLifetime = 60,
            MaxAutoPrepare = 64,
            AutoPrepareMinUsages = 2,
            // our own settings are made by set_config(…, true) and die with their transaction; the reset
            // takes away what SQL that got in with a caller's would leave to the next. It travels with the
            // next command. The engine is nobody's door
            NoResetOnClose = role is LedgerRole.Engine,
            // the door's own error says what a client may know; values stay in the server's log
            IncludeErrorDetail = false,
            Enlist = false,
            // Npgsql hides the password from ConnectionString otherwise, and the engine opens its own
            // connection
            PersistSecurityInfo = true,
            GssEncryptionMode = GssEncryptionMode.Disable,
        }.ConnectionString;
}
