namespace Aegis.Ledger;

/// <summary>Where the ledger lives. Without <see cref="ExternalUrl"/> a private PostgreSQL is run under the
/// home.</summary>
public sealed record LedgerOptions
{
    /// <summary>The server's home (AEGIS_HOME): made if absent, mode 0700, one server at a time.</summary>
    public required string HomeDirectory { get; init; }

    /// <summary>AEGIS_POSTGRES or POSTGRES_URL: <c>postgres://user:password@host:port/database?sslmode=…</c>,
    /// or the keyword form <c>host=… dbname=…</c>. The user must be allowed to create roles, or the roles
    /// must exist.</summary>
    public string? ExternalUrl { get; init; }

    /// <summary>AEGIS_PG_BIN: the directory of postgres and initdb. Default: the installed version that the
    /// cluster was made with; for a new cluster the newest one, 15 or later.</summary>
    public string? BinDirectory { get; init; }

    /// <summary>Where the Unix socket goes. Default: <c>run</c> under the home where its path fits the limit
    /// of 107 bytes, else a private directory under XDG_RUNTIME_DIR or the temporary directory.</summary>
    public string? RuntimeDirectory { get; init; }

    /// <summary>Bounds the start of PostgreSQL, recovery from a crash included.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Bounds a graceful stop; after it PostgreSQL is stopped at once and recovers at the next
    /// start.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public static LedgerOptions FromEnvironment(string home, Func<string, string?> variable) => new()
    {
        HomeDirectory = home,
        ExternalUrl = NullIfEmpty(variable("AEGIS_POSTGRES")) ?? NullIfEmpty(variable("POSTGRES_URL")),
        BinDirectory = NullIfEmpty(variable("AEGIS_PG_BIN")),
    };

    private static string? NullIfEmpty(string? value) => string.IsNullOrWhiteSpace(value) ? null : value;
}
