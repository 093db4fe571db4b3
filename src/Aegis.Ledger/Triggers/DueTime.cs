namespace Aegis.Ledger.Triggers;

/// <summary>When the next row of a queue is due, by the database's clock.</summary>
internal static class DueTime
{
    /// <summary>Zero where it is due already, null where nothing waits.</summary>
    public static async Task<TimeSpan?> UntilAsync(
        LedgerDatabase database, string query, CancellationToken cancel)
    {
        await using var command = database.Source(LedgerRole.Engine).CreateCommand(Sql.Get(query));
        return await command.ExecuteScalarAsync(cancel) is double seconds
            ? TimeSpan.FromSeconds(Math.Clamp(seconds, 0, TimeSpan.FromDays(1).TotalSeconds))
            : null;
    }
}
