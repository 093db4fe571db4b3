using System.Security.Cryptography;
using System.Text;
using Aegis.Blobs;
using Aegis.Core;
using Aegis.Core.Artifacts;
using Aegis.Core.Errors;
using Aegis.Ledger.Artifacts;
using Aegis.Ledger.Audit;
using Aegis.Ledger.EventStore;
using Aegis.Ledger.Reads;
using Aegis.Ledger.Secrets;
using Aegis.Ledger.Tenants;
using Aegis.Tests.Shared;

namespace Aegis.Ledger.Tests.Artifacts;

public sealed class ArtifactWriterTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Put_Versions_ChainOnEachOther_AndAreRowsAtOnce()
    {
        await using var node = await Node.OpenAsync(ledger, "chain");
        var one = await node.PutAsync("report", "first\n");
        var two = await node.PutAsync("report", "second\n");
        Assert.Equal((1, 2, one.HashCurr), (one.Version, two.Version, two.HashPrev));
        Assert.Null(one.HashPrev);
        Assert.Equal(one.CreatedAt, two.CreatedAt);

        var reads = new ArtifactReads(ledger.Database);
        var newest = await reads.FindAsync(node.Keys, "report", null, None);
        Assert.Equal(two with { PublicKey = null }, newest);
        Assert.Equal([2, 1],
            (await reads.VersionsAsync(node.Keys, "report", null, 10, None)).Select(v => v.Version));
        var read = FrontMatterReader.ReadSealed(node.Bytes(two), "report.md").Value!;
        Assert.Null(ArtifactSeal.Fault(read, two.PublicKey));
        Assert.Equal("second\n", Encoding.UTF8.GetString(read.Body.Span));
    }

    [Fact]
    public async Task Put_TwentyWritersOfTwoNodes_MakeOneUnbrokenChain()
    {
        await using var a = await Node.OpenAsync(ledger, "writers");
        await using var b = await Node.OpenAsync(ledger, "writers");
        var made = await Task.WhenAll(Enumerable.Range(0, 20).Select(n =>
            Task.Run(() => (n % 2 == 0 ? a : b).PutAsync("busy", $"of writer {n}\n"))));
        Assert.Equal(Enumerable.Range(1, 20), made.Select(v => v.Version).Order());
        var records = made.Select(v => FrontMatterReader.ReadSealed(a.Bytes(v), "busy.md").Value!).ToList();
        Assert.Empty(ArtifactChain.Faults(records.Select(r => r.Record)));
        Assert.Equal(20, records.Select(r => Encoding.UTF8.GetString(r.Body.Span)).Distinct().Count());
        Assert.Equal(20, await ledger.ScalarAsync<long>(
            "SELECT count(*) FROM artifacts_read WHERE tenant_key = $1", a.Keys.Tenant));
        var audit = await new LedgerAudit(ledger.Database, ledger.Home).VerifyAsync(
            AuditScope.Of(a.Tenancy), None);
        Assert.True(audit.IsIntact, string.Join('\n', audit.Issues));
    }

    [Theory]
    [InlineData(ArtifactWriter.TriesMax - 1, true)]
    [InlineData(ArtifactWriter.TriesMax, false)]
    public async Task Put_WhereOthersComeFirst_IsTriedUpToTheLimit(int others, bool made)
    {
        var tenant = $"tries{others}";
        await using var other = await Node.OpenAsync(ledger, tenant);
        // each time a version is to be stamped, another node's takes its number
        await using var node = await Node.OpenAsync(ledger, tenant,
            new MeddlingTime(others, n => other.PutAsync("busy", $"other {n}")));
        if (made)
        {
            Assert.Equal(others + 1, (await node.PutAsync("busy", "mine")).Version);
        }
        else
        {
            var refused = await Assert.ThrowsAsync<AegisException>(() => node.PutAsync("busy", "mine"));
            Assert.Equal("AEGIS4061", refused.Error.Code);
        }
        await other.PutAsync("busy", "last", expected: made ? others + 1 : others);
    }

    [Fact]
    public async Task Put_ByTheSameTaskAgain_LooksBackUpToTheLimit()
    {
        await using var node = await Node.OpenAsync(ledger, "back");
        await node.PutAsync("report", "mine", "run_1.a");
        for (var n = 1; n < ArtifactTails.LookedBackMax; n++)
        {
            await node.PutAsync("report", $"other {n}");
        }
        Assert.Equal(1, (await node.PutAsync("report", "mine", "run_1.a")).Version);
        await node.PutAsync("report", "one more");
        Assert.Equal(ArtifactTails.LookedBackMax + 2,
            (await node.PutAsync("report", "mine", "run_1.a")).Version);
    }

    [Fact]
    public async Task Put_ByTheSameTaskAgain_IsTheSameVersion_AlsoBehindOthers()
    {
        await using var node = await Node.OpenAsync(ledger, "again");
        var mine = await node.PutAsync("report", "same", "run_1.a");
        await node.PutAsync("report", "other", "run_2.a");
        Assert.Equal(mine.HashCurr, (await node.PutAsync("report", "same", "run_1.a")).HashCurr);
        Assert.Equal(3, (await node.PutAsync("report", "changed", "run_1.a")).Version);
        Assert.Equal(4, (await node.PutAsync("report", "changed")).Version);
        Assert.Equal(5, (await node.PutAsync("report", "changed")).Version);
    }

    [Fact]
    public async Task Put_ExpectedVersion_HoldsOrRefuses()
    {
        await using var node = await Node.OpenAsync(ledger, "expected");
        Assert.Equal(1, (await node.PutAsync("report", "a", expected: 0)).Version);
        Assert.Equal(2, (await node.PutAsync("report", "b", expected: 1)).Version);
        var refused = await Assert.ThrowsAsync<AegisException>(() =>
            node.PutAsync("report", "c", expected: 1));
        Assert.Equal(("AEGIS4060", "version 2"), (refused.Error.Code, refused.Error.Got));
    }

    [Fact]
    public async Task Put_ADocumentBecomesNoOtherFile()
    {
        await using var node = await Node.OpenAsync(ledger, "kinds");
        await node.PutAsync("report", "a");
        var refused = await Assert.ThrowsAsync<AegisException>(() => node.PutFileAsync("report", [1, 2]));
        Assert.Equal("AEGIS4064", refused.Error.Code);
        var file = await node.PutFileAsync("data", [1, 2]);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData([1, 2])), file.ContentHash);
        var header = FrontMatterReader.ReadSealed(Encoding.UTF8.GetBytes(file.Header!), "data").Value!;
        Assert.Null(ArtifactSeal.Fault(header, file.PublicKey));
    }

    [Fact]
    public async Task Put_LinksOverTheHeadersLimit_AreRefused()
    {
        await using var node = await Node.OpenAsync(ledger, "long");
        var links = Enumerable.Repeat(new ArtifactLink("see", new string('r', 512)), ArtifactLimits.LinksMax);
        var refused = await Assert.ThrowsAsync<AegisException>(() =>
            node.PutAsync(node.Draft("report", null) with { Links = [.. links] }, "x"));
        Assert.Equal("AEGIS1166", refused.Error.Code);
    }

    [Fact]
    public async Task Keys_TwoFirstUsesAtOnce_AreOneKey_AndTheSecretHalfIsSealed()
    {
        await using var node = await Node.OpenAsync(ledger, "keys");
        var opened = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => node.SignerAsync()));
        Assert.Single(opened.Distinct());
        var keys = await node.ArtifactKeys.ListAsync(node.Keys, None);
        Assert.Equal(opened[0], keys.Single().KeyId);
        await ledger.ExecuteAsync(
            "UPDATE artifact_keys SET sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1) "
            + "WHERE tenant_key = $1", node.Keys.Tenant);
        var refused = await Assert.ThrowsAsync<AegisException>(() => node.SignerAsync());
        Assert.Equal("AEGIS4063", refused.Error.Code);
    }

    [Fact]
    public async Task List_FiltersAndPages()
    {
        await using var node = await Node.OpenAsync(ledger, "list");
        await node.PutAsync("a", "1", "run_1.x");
        await node.PutAsync("b", "1", "run_1.y");
        await node.PutAsync("a", "2", "run_2.x");
        var reads = new ArtifactReads(ledger.Database);
        Assert.Equal(["a@2", "b@1"], await ListAsync(new ArtifactFilter()));
        Assert.Equal(["b@1", "a@1"], await ListAsync(new ArtifactFilter(RunId: "run_1")));
        Assert.Equal(["a@1"], await ListAsync(new ArtifactFilter(TaskId: "run_1.x")));
        Assert.Equal(["b@1"], await ListAsync(new ArtifactFilter(PathPrefix: "b")));
        Assert.Empty(await ListAsync(new ArtifactFilter(PathPrefix: "%")));
        Assert.Empty(await ListAsync(new ArtifactFilter(Status: "draft")));
        var first = (await reads.ListAsync(node.Keys, new ArtifactFilter(), null, 1, None)).Single();
        var rest = await reads.ListAsync(node.Keys, new ArtifactFilter(),
            new PageCursor(first.UpdatedAt, first.ArtifactId), 10, None);
        Assert.Equal("b", rest.Single().ArtifactId);

        async Task<IEnumerable<string>> ListAsync(ArtifactFilter filter) =>
            (await reads.ListAsync(node.Keys, filter, null, 10, None))
                .Select(v => $"{v.ArtifactId}@{v.Version}");
    }

    [Fact]
    public async Task OtherProject_HasItsOwnChainAndKey()
    {
        await using var mine = await Node.OpenAsync(ledger, "mine");
        await using var theirs = await Node.OpenAsync(ledger, "theirs");
        var one = await mine.PutAsync("report", "a");
        var other = await theirs.PutAsync("report", "a");
        Assert.Equal(1, other.Version);
        Assert.NotEqual(one.KeyId, other.KeyId);
        Assert.Equal(other.HashCurr, (await new ArtifactReads(ledger.Database)
            .FindAsync(theirs.Keys, "report", null, None))!.HashCurr);
    }

    /// <summary>A clock that has something happen each time it is first looked at.</summary>
    private sealed class MeddlingTime(int times, Func<int, Task> meddle) : TimeProvider
    {
        private int looks;

        public override DateTimeOffset GetUtcNow()
        {
            if (Interlocked.Increment(ref looks) is var look && look <= times)
            {
                Task.Run(() => meddle(look)).GetAwaiter().GetResult();
            }
            return base.GetUtcNow();
        }
    }

    /// <summary>A server's ledger, as far as artifacts need one.</summary>
    private sealed class Node : IAsyncDisposable
    {
        private readonly NodeLease lease;
        private readonly GroupCommit commit;
        private readonly BlobStore blobs;
        private readonly ArtifactWriter writer;

        private Node(LedgerFixture ledger, Tenancy tenancy, TenancyKeys keys, NodeLease lease,
            SecretVault vault, TimeProvider time)
        {
            (Tenancy, Keys, this.lease) = (tenancy, keys, lease);
            var engine = new EngineLedger(ledger.Database);
            commit = engine.OpenCommit(lease);
            blobs = new BlobStore(Path.Combine(ledger.Home, "blobs"));
            ArtifactKeys = new ArtifactKeys(ledger.Database, vault);
            writer = engine.Artifacts(lease, commit, ArtifactKeys, blobs, time);
        }

        public Tenancy Tenancy { get; }

        public TenancyKeys Keys { get; }

        public ArtifactKeys ArtifactKeys { get; }

        public static async Task<Node> OpenAsync(
            LedgerFixture ledger, string tenant, TimeProvider? time = null)
        {
            var tenancy = new Tenancy(tenant, "web");
            var keys = await ledger.Tenants.ResolveAsync(tenancy, None)
                ?? await ledger.CreateProjectAsync(tenancy);
            return new Node(ledger, tenancy, keys,
                await new EngineLedger(ledger.Database).TakeLeaseAsync(None),
                await SecretVault.OpenAsync(ledger.Database, new MasterKeySource(ledger.Home), None),
                time ?? TimeProvider.System);
        }

        public ArtifactRecord Draft(string id, string? task) => new()
        {
            ArtifactId = id,
            TenantId = Tenancy.Tenant,
            ProjectId = Tenancy.Project,
            TaskId = task,
            Path = $"{id}.md",
            Version = 0,
            Signer = "key:a",
            KeyId = "",
            Status = "complete",
            CreatedAt = default,
            UpdatedAt = default,
        };

        public Task<ArtifactVersion> PutAsync(
            string id, string body, string? task = null, int? expected = null) =>
            PutAsync(Draft(id, task), body, expected);

        public Task<ArtifactVersion> PutAsync(ArtifactRecord draft, string body, int? expected = null) =>
            writer.PutAsync(Tenancy, Keys,
                new NewArtifact(draft, Encoding.UTF8.GetBytes(body), null, expected), None);

        public async Task<ArtifactVersion> PutFileAsync(string id, byte[] content)
        {
            await using var file = blobs.CreateWriter(ArtifactWriter.Folder(Tenancy));
            await file.WriteAsync(content, None);
            var blob = await file.CompleteAsync(None);
            return await writer.PutAsync(Tenancy, Keys, new NewArtifact(Draft(id, null) with
            {
                Path = $"{id}.bin",
                MediaType = "application/octet-stream",
                ContentHash = $"sha256:{blob.Hash}",
                ContentBytes = blob.Bytes,
            }, default, blob), None);
        }

        public async Task<string> SignerAsync()
        {
            using var signer = await ArtifactKeys.OpenAsync(Tenancy, Keys, None);
            return signer.KeyId;
        }

        public byte[] Bytes(ArtifactVersion version)
        {
            using var bytes = blobs.OpenRead(ArtifactWriter.Folder(Tenancy),
                new BlobRef(version.ContentHash, version.Bytes), verify: true);
            using var whole = new MemoryStream();
            bytes.CopyTo(whole);
            return whole.ToArray();
        }

        public async ValueTask DisposeAsync()
        {
            commit.Dispose();
            await lease.DisposeAsync();
        }
    }
}
