using Aegis.Tests.Shared;
using Npgsql;

namespace Aegis.Ledger.Tests.Roles;

public sealed class BrokenSessionTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    /// <summary>A broken connection in the pool looks whole; a door's session must not meet it.</summary>
    [Fact]
    public async Task OpenProject_AfterEveryConnectionWasBroken_Works()
    {
        await BreakAsync();
        await using (var unguarded = ledger.Database.Source(LedgerRole.App).CreateCommand("SELECT 1"))
        {
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => unguarded.ExecuteScalarAsync());
        }

        await BreakAsync();
        await using var session = await ledger.Database.OpenProjectAsync(1, 1, CancellationToken.None);
        await session.CommitAsync(CancellationToken.None);
    }

    private async Task BreakAsync()
    {
        await using (await ledger.Database.OpenProjectAsync(1, 1, CancellationToken.None))
        {
            // it goes back to the pool
        }
        await ledger.ExecuteAsync(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
            + "WHERE application_name = 'aegis_app' AND datname = current_database()");
    }
}
