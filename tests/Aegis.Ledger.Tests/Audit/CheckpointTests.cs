using System.Security.Cryptography;
using System.Text.Json;
using Aegis.Core.Audit;
using Aegis.Ledger.Audit;
using Aegis.Tests.Shared;

namespace Aegis.Ledger.Tests.Audit;

public sealed class CheckpointTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Life_OfCheckpoints_IsChainedAndOnlyGrowsWithNews()
    {
        var home = TestHome.Make();
        var seed = await EventSeeder.StartAsync(ledger, "life");
        using var writer = new CheckpointWriter(ledger.Database, home, TimeProvider.System);

        await seed.AppendAsync("run_a", 3);
        var first = await writer.WriteAsync(None);
        Assert.Null(await writer.WriteAsync(None));
        await seed.AppendAsync("run_b", 2);
        await seed.AppendAsync("run_a", 1);
        var second = await writer.WriteAsync(None);
        Assert.Null(await writer.WriteAsync(None));

        Assert.Equal((1, 2), (first!.Sequence, second!.Sequence));
        Assert.Equal(first.ComputeHash(), second.Previous);
        Assert.Equal(["run_a 3"], HeadsOf(first, "life"));
        Assert.Equal(["run_a 4", "run_b 2"], HeadsOf(second, "life"));
        var mode = File.GetUnixFileMode(Path.Combine(home, "keys", "checkpoint.key"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, mode);
        Assert.Empty((await VerifyAsync(home)).Issues);
    }

    [Fact]
    public async Task Write_OpenTransactionElsewhere_LosesNoHead()
    {
        var home = TestHome.Make();
        var seed = await EventSeeder.StartAsync(ledger, "late");
        using var writer = new CheckpointWriter(ledger.Database, home, TimeProvider.System);
        await using var connection = await ledger.Super.OpenConnectionAsync();
        await using (var open = await connection.BeginTransactionAsync())
        {
            // holds a transaction id that is older than everything below
            await TouchAsync(connection);
            await seed.AppendAsync("run_a", 2);
            Assert.Contains("run_a 2", HeadsOf((await writer.WriteAsync(None))!, "late"));
            Assert.Null(await writer.WriteAsync(None));
            await open.CommitAsync();
        }
        await seed.AppendAsync("run_a", 1);
        Assert.Contains("run_a 3", HeadsOf((await writer.WriteAsync(None))!, "late"));
        Assert.Empty((await VerifyAsync(home)).Issues);
    }

    [Fact]
    public async Task Checkpoint_ChangedRemovedOrSignedByAnother_IsNamed()
    {
        var home = TestHome.Make();
        var seed = await EventSeeder.StartAsync(ledger, "broken");
        using var writer = new CheckpointWriter(ledger.Database, home, TimeProvider.System);
        for (var i = 0; i < 3; i++)
        {
            await seed.AppendAsync("run_a", 1);
            Assert.NotNull(await writer.WriteAsync(None));
        }
        var directory = new CheckpointDirectory(home);
        var second = directory.Read(2)!;
        Assert.Empty((await VerifyAsync(home)).Issues);

        Rewrite(directory, second with { Projects = second.Projects.RemoveAt(0) });
        Assert.Contains("checkpoint 2: its heads are not those that were signed", await TextsAsync(home));

        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Rewrite(directory, Checkpoint.Sign(second.Home, 2, second.At, second.Previous, second.Watermark,
            second.Projects,
            stranger));
        Assert.Contains("checkpoint 2: its signature is not by the ledger's key", await TextsAsync(home));

        Rewrite(directory, second with { At = second.At + 1 });
        Assert.Contains("checkpoint 2: its signature is not by the ledger's key", await TextsAsync(home));

        await File.WriteAllTextAsync(directory.PathOf(2), "{");
        Assert.Contains("checkpoint 2 cannot be read", await TextsAsync(home));

        File.Delete(directory.PathOf(2));
        Assert.Contains("checkpoint 3: it follows checkpoint 1: those between are gone",
            await TextsAsync(home));

        Rewrite(directory, second);
        Assert.Empty(await TextsAsync(home));
    }

    private static void Rewrite(CheckpointDirectory directory, Checkpoint checkpoint) => File.WriteAllBytes(
        directory.PathOf(checkpoint.Sequence), JsonSerializer.SerializeToUtf8Bytes(checkpoint,
            Checkpoint.Json));

    private static List<string> HeadsOf(Checkpoint checkpoint, string tenant) =>
        [.. checkpoint.Projects.Where(p => p.Tenant == tenant).SelectMany(p => p.Heads!.Value)
            .Select(h => $"{h.Stream} {h.Version}")];

    private static async Task TouchAsync(Npgsql.NpgsqlConnection connection)
    {
        await using var command = new Npgsql.NpgsqlCommand("SELECT pg_current_xact_id()", connection);
        await command.ExecuteScalarAsync();
    }

    private Task<AuditReport> VerifyAsync(string home) =>
        new LedgerAudit(ledger.Database, home).VerifyAsync(AuditScope.Everything, None);

    private async Task<List<string>> TextsAsync(string home) =>
        [.. (await VerifyAsync(home)).Issues.Select(i => i.What)];
}
