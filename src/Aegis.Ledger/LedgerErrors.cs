using Aegis.Core.Errors;

namespace Aegis.Ledger;

/// <summary>What can keep the ledger from opening. contracts/errors/ledger.yaml has the same codes.</summary>
internal static class LedgerErrors
{
    public static AegisException RunningAsRoot() => Of("AEGIS4000", "PostgreSQL refuses to run as root",
        "an ordinary user", "uid 0", "Start the server through ./aegis up, which changes to the aegis user.");

    public static AegisException NoBinaries(string looked) => Of("AEGIS4001", "no PostgreSQL was found",
        "postgres and initdb, version 15 or later", looked,
        "Install the package postgresql, or set AEGIS_PG_BIN, or AEGIS_POSTGRES for a server of your own.");

    public static AegisException WrongMajor(int cluster, string have) => Of("AEGIS4002",
        $"the ledger's cluster was made by PostgreSQL {cluster}", $"binaries of version {cluster}", have,
        $"Install postgresql-{cluster}; to move on to a newer version, run `./aegis ledger upgrade` with "
        + "both versions installed.");

    public static AegisException HomeInUse(string owner) => Of("AEGIS4003",
        "another server runs on this home", "one server per home", owner,
        "Stop the other server, or set AEGIS_HOME to another directory.");

    public static AegisException DiskFull(string what) => Of("AEGIS4004", $"the disk is full: {what}",
        "free space in the home's file system", null, "Free some space and start again; nothing is lost.");

    public static AegisException StartFailed(string what, string log) => Of("AEGIS4005",
        $"PostgreSQL did not {what}", null, log, "See the files under postgres/log in the home.");

    public static AegisException SocketPathTooLong(int bytes) => Of("AEGIS4006",
        "the path of PostgreSQL's socket is too long", "at most 107 bytes", $"{bytes} bytes",
        "Set a shorter runtime directory.");

    public static AegisException BadUrl(string why) => Of("AEGIS4007",
        $"AEGIS_POSTGRES cannot be read: {why}",
            "postgres://user:password@host:port/database, or host=… dbname=…",
        null, "Correct the variable.");

    public static AegisException CannotConnect(string why) => Of("AEGIS4008",
        "PostgreSQL cannot be reached", null, why, "Check AEGIS_POSTGRES and that the server runs.");

    public static AegisException NotAllowed(string why) => Of("AEGIS4009",
        "the user of AEGIS_POSTGRES may not set up the ledger",
            "a superuser, or CREATEROLE and CREATE on the database",
        why, "Give the user these rights, or let an administrator run the set-up once.");

    public static AegisException RoleTooStrong(string roles) => Of("AEGIS4010",
        "a role of the ledger could pass row level security by", "no SUPERUSER, no BYPASSRLS", roles,
        "ALTER ROLE … NOSUPERUSER NOBYPASSRLS.");

    public static AegisException MigrationChanged(int number) => Of("AEGIS4011",
        $"migration {number:0000} was applied with another content", "the recorded checksum", null,
        "Run the version of the product that made this database, or a newer one.");

    public static AegisException DatabaseNewer(int number, int known) => Of("AEGIS4012",
        "the database is newer than this server", $"at most migration {known:0000}", $"{number:0000}",
        "Run a newer version of the product.");

    public static AegisException NoOsUser(uint uid) => Of("AEGIS4013",
        "initdb needs a user with a passwd entry", "an entry for this uid", $"uid {uid}",
        "Run as a user that exists in /etc/passwd.");

    public static AegisException OldServer(int version) => Of("AEGIS4014",
        "PostgreSQL is too old", "15 or later", $"{version}", "Use a newer PostgreSQL.");

    public static AegisException NothingToUpgrade(string have) => Of("AEGIS4015",
        "there is nothing to upgrade", "a cluster in this home, and binaries of a newer version", have,
        "Install the newer PostgreSQL beside the old one.");

    private static AegisException Of(string code, string message, string? expected, string? got,
        string mend) =>
        new(new AegisError(code, message, expected, got, mend));
}
