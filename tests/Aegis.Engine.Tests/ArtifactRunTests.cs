using Aegis.Core.Artifacts;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tests.Shared;

namespace Aegis.Engine.Tests;

/// <summary>Artifacts of runs: facts in the run's stream and in their own, through a death too.</summary>
public sealed class ArtifactRunTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Run_PutsTwoVersions_AndItsStreamTellsBoth()
    {
        await using var host = await EngineHost.StartAsync(ledger, new World(), artifacts: true);
        var id = ArtifactRules.IdOf("report.md");
        var before = await NewestAsync(host, id);
        var run = await host.StartAsync("""
              - { id: a, uses: test.put, with: { text: first } }
              - { id: b, uses: test.put, with: { text: second } }
            """);
        Assert.Equal("PlanCompleted", await host.EndAsync(run));
        var types = await host.TypesAsync(run);
        Assert.Equal([before == 0 ? "ArtifactProduced" : "ArtifactUpdated", "ArtifactUpdated"],
            types.Where(t => t.StartsWith("Artifact", StringComparison.Ordinal)));
        Assert.Equal("ToolReturned", types[types.IndexOf("ArtifactUpdated") + 1]);
        var verdict = await host.Artifacts!.VerifyAsync(EngineHost.Tenancy, id, None);
        Assert.Equal((1, before + 2), (verdict!.From, verdict.To));
        Assert.Empty(verdict.Faults);
        var newest = await host.Artifacts.OpenAsync(EngineHost.Tenancy, id, null, None);
        await newest!.Bytes.DisposeAsync();
        Assert.Equal(($"{run}.b", "key:test"), (newest.Version.TaskId, newest.Version.Signer));
    }

    [Fact]
    public async Task Kill_BetweenPutAndReturn_ComesToTheSameVersion()
    {
        var world = new World();
        var first = await EngineHost.StartAsync(ledger, world, artifacts: true);
        var id = ArtifactRules.IdOf("report.md");
        var before = await NewestAsync(first, id);
        var run = await first.StartAsync(
            "  - { id: k, uses: test.put, with: { text: once, waits: true } }\n");
        await world.Entered("k");
        await first.AbandonAsync();

        world.Release("k");
        await using var second = await EngineHost.StartAsync(ledger, world, artifacts: true);
        Assert.Equal("PlanCompleted", await second.EndAsync(run));
        Assert.Equal(before + 1, await NewestAsync(second, id));
        Assert.Single(await second.TypesAsync(run),
            t => t.StartsWith("Artifact", StringComparison.Ordinal));
        await first.DisposeAsync();
    }

    [Fact]
    public async Task Rows_ThrownAway_AreRebuiltTheSame()
    {
        var host = await EngineHost.StartAsync(ledger, new World(), artifacts: true);
        await PutAsync(host, "kept", "kept.md", "text");
        await PutAsync(host, "kept", "kept.md", "more");
        await PutAsync(host, "data", "data.json", "{}");
        await host.Node.DrainReadModelsAsync(None);
        const string All = "SELECT string_agg(a::text, E'\\n' ORDER BY a::text) FROM artifacts_read a";
        var rows = await ledger.ScalarAsync<string>(All);
        await host.DisposeAsync();
        await ledger.ExecuteAsync("TRUNCATE read_models_state, artifacts_read");
        await using var next = await EngineHost.StartAsync(ledger, new World(), artifacts: true);
        Assert.Equal(rows, await ledger.ScalarAsync<string>(All));
    }

    [Fact]
    public async Task Kill_BeforeTheRow_IsMadeUpAtTheTakeover()
    {
        var first = await EngineHost.StartAsync(ledger, new World(), artifacts: true);
        var made = await PutAsync(first, "late", "late.md", "text");
        await ledger.ExecuteAsync("DELETE FROM artifacts_read WHERE artifact_id = 'late'");
        await ledger.ExecuteAsync("UPDATE streams SET closed = false WHERE stream_id = 'artifact/late'");
        await first.AbandonAsync();
        await using var second = await EngineHost.StartAsync(ledger, new World(), artifacts: true);
        var found = await second.Artifacts!.OpenAsync(EngineHost.Tenancy, "late", null, None);
        await found!.Bytes.DisposeAsync();
        Assert.Equal(made.HashCurr, found.Version.HashCurr);
        Assert.True(await ledger.ScalarAsync<bool>(
            "SELECT closed FROM streams WHERE stream_id = 'artifact/late'"));
        await first.DisposeAsync();
    }

    [Fact]
    public async Task Verify_NamesWhatIsDamagedOrGone()
    {
        await using var host = await EngineHost.StartAsync(ledger, new World(), artifacts: true);
        var one = await PutAsync(host, "hurt", "hurt.md", "first");
        var two = await PutAsync(host, "hurt", "hurt.md", "second");
        var file = await PutAsync(host, "lost", "lost.bin", "bytes");
        var path = Blob(one);
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);
        File.Delete(Blob(file));
        Assert.Equal(["AEGIS1167"], await FaultsAsync("hurt"));
        Assert.Equal(["AEGIS4065"], await FaultsAsync("lost"));
        Assert.Null(await host.Artifacts!.VerifyAsync(EngineHost.Tenancy, "none", None));
        Assert.Equal(2, two.Version);

        async Task<IEnumerable<string>> FaultsAsync(string id) =>
            (await host.Artifacts!.VerifyAsync(EngineHost.Tenancy, id, None))!.Faults.Select(f => f.Code);

        string Blob(ArtifactVersion v) => Path.Combine(
            ledger.Home, "blobs", "acme", "web", v.ContentHash[..2], v.ContentHash);
    }

    [Fact]
    public async Task Verify_LooksAtTheNewestUpToTheLimit()
    {
        await using var host = await EngineHost.StartAsync(ledger, new World(), artifacts: true);
        for (var n = 1; n < ArtifactDesk.VerifiedMax; n++)
        {
            await PutAsync(host, "long", "long.md", $"{n}");
        }
        await PutAsync(host, "long", "long.md", "at the limit");
        await VerifiesAsync(1, ArtifactDesk.VerifiedMax);
        await PutAsync(host, "long", "long.md", "one past it");
        await VerifiesAsync(2, ArtifactDesk.VerifiedMax + 1);

        async Task VerifiesAsync(int from, int to)
        {
            var verdict = await host.Artifacts!.VerifyAsync(EngineHost.Tenancy, "long", None);
            Assert.Equal((from, to), (verdict!.From, verdict.To));
            Assert.Empty(verdict.Faults);
        }
    }

    [Fact]
    public async Task Put_OfATool_FailsWithEveryPlace()
    {
        await using var host = await EngineHost.StartAsync(ledger, new World(), artifacts: true);
        IArtifactShelf shelf = host.Artifacts!;
        using var content = new MemoryStream("---\nstatus: done\nlinks: 1\n---\n"u8.ToArray());
        var refused = await Assert.ThrowsAsync<AegisException>(async () =>
            await shelf.PutAsync(host.Principal, new ArtifactPut("x", "x.md", content), None));
        Assert.Contains("x.md:2:9", refused.Error.Message, StringComparison.Ordinal);
        Assert.Contains("x.md:3:8", refused.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Put_DocumentAtItsLimit_Fits_AndOneByteMoreDoesNot()
    {
        await using var host = await EngineHost.StartAsync(ledger, new World(), artifacts: true);
        var text = new string('x', ArtifactLimits.DocumentBytesMax);
        Assert.Equal(1, (await PutAsync(host, "big", "big.md", text)).Version);
        var refused = await Assert.ThrowsAsync<AegisException>(() =>
            PutAsync(host, "big", "big.md", text + "x"));
        Assert.Equal("AEGIS1166", refused.Error.Code);
    }

    [Fact]
    public async Task Put_FileAtItsLimit_Fits_AndOneByteMoreDoesNot()
    {
        await using var host = await EngineHost.StartAsync(ledger, new World(), artifacts: true);
        var folder = Directory.CreateTempSubdirectory("aegis-artifact-");
        await using var sparse = File.Create(Path.Combine(folder.FullName, "big"));
        sparse.SetLength(ArtifactLimits.FileBytesMax);
        var put = new ArtifactPut("huge", "huge.bin", sparse);
        var made = await host.Artifacts!.PutAsync(host.Principal, put, None);
        Assert.Equal(ArtifactLimits.FileBytesMax, made.Bytes);
        sparse.SetLength(ArtifactLimits.FileBytesMax + 1);
        sparse.Position = 0;
        var refused = await Assert.ThrowsAsync<AegisException>(async () =>
            await host.Artifacts.PutAsync(host.Principal, put, None));
        Assert.Equal("AEGIS1166", refused.Error.Code);
        await sparse.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private static async Task<int> NewestAsync(EngineHost host, string id)
    {
        if (await host.Artifacts!.OpenAsync(EngineHost.Tenancy, id, null, None) is not { } found)
        {
            return 0;
        }
        await found.Bytes.DisposeAsync();
        return found.Version.Version;
    }

    private static async Task<ArtifactVersion> PutAsync(EngineHost host, string id, string path, string text)
    {
        using var content = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text));
        return await host.Artifacts!.PutAsync(host.Principal, new ArtifactPut(id, path, content), None);
    }
}
