namespace Aegis.Ledger.Embedded;

/// <summary>`./aegis ledger upgrade`: moves a home's cluster to the newest installed PostgreSQL by
/// pg_upgrade. Both versions must be installed, and the server must not run.</summary>
public static class ClusterUpgrade
{
    /// <summary>Returns the versions; the old cluster stays beside the new one as
    /// <c>data-&lt;major&gt;</c>.</summary>
    public static Task<(int From, int To)> RunAsync(LedgerOptions options, TimeProvider time,
        CancellationToken cancel) => RunAsync(options, evenSameVersion: false, time, cancel);

    // pg_upgrade goes from a version to the same one as well, which is how a test with one version runs it
    internal static async Task<(int From, int To)> RunAsync(LedgerOptions options, bool evenSameVersion,
        TimeProvider time, CancellationToken cancel)
    {
        if (EffectiveUser.Id == 0)
        {
            throw LedgerErrors.RunningAsRoot();
        }
        using var held = HomeLock.Take(options.HomeDirectory);
        var cluster = new ClusterDirectory(options.HomeDirectory);
        var major = cluster.Major() ?? throw LedgerErrors.NothingToUpgrade("no cluster");
        var from = PostgresBinaries.Find(null, major);
        var to = PostgresBinaries.Newest();
        if (to.Major == major && !evenSameVersion)
        {
            throw LedgerErrors.NothingToUpgrade($"version {major}, the newest installed");
        }
        await ClusterProcesses.EndAsync(cluster.Data, options.StopTimeout, time, cancel);
        await cluster.UpgradeAsync(from, to, Environment.UserName, cancel);
        return (major, to.Major);
    }
}
