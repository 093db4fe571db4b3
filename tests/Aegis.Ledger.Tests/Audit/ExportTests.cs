using System.Security.Cryptography;
using System.Text;
using Aegis.Core.Audit;
using Aegis.Ledger.Audit;
using Aegis.Tests.Shared;

namespace Aegis.Ledger.Tests.Audit;

/// <summary>The export on its own: what its file says, and what happens to a file that was tampered
/// with.</summary>
public sealed class ExportTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>, IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private string[] _lines = [];

    public async Task InitializeAsync()
    {
        var name = "export" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
        var seed = await EventSeeder.StartAsync(ledger, name);
        var neighbour = await EventSeeder.StartAsync(ledger, name + "-neighbour");
        await seed.AppendAsync("run_a", 5);
        await neighbour.AppendAsync("run_secret", 5);
        using var writer = new CheckpointWriter(ledger.Database, ledger.Home, TimeProvider.System);
        await writer.WriteAsync(None);
        using var export = new MemoryStream();
        await Export().WriteAsync(export, seed.Tenancy, None);
        _lines = Encoding.UTF8.GetString(export.ToArray()).TrimEnd('\n').Split('\n');
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public void Untouched_IsIntactAndTellsNothingOfOtherTenants()
    {
        var report = Verify(_lines);
        Assert.Empty(report.Issues);
        Assert.Equal((5, 1), (report.Events, report.Streams));
        Assert.NotEqual(0, report.Checkpoints);
        Assert.DoesNotContain("neighbour", string.Concat(_lines));
        Assert.DoesNotContain("run_secret", string.Concat(_lines));
    }

    [Fact]
    public async Task Everything_OfAllTenants_IsIntact()
    {
        using var export = new MemoryStream();
        var events = await Export().WriteEverythingAsync(export, None);
        export.Position = 0;
        var report = ExportVerifier.Verify(export);
        Assert.Empty(report.Issues);
        Assert.Equal(events, report.Events);
        Assert.True(report.Streams > 1);
    }

    [Fact]
    public void KeyExpected_ItsFingerprintIsReportedAndAnotherIsRefused()
    {
        var key = CheckpointKey.ReadPublic(File.ReadAllText(CheckpointKey.PublicFile(ledger.Home)));
        var report = Verify(_lines, key);
        Assert.Empty(report.Issues);
        Assert.Equal(LedgerAuditor.Fingerprint(key), report.KeyFingerprint);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Contains("another key", Assert.Single(Verify(_lines,
            other.ExportSubjectPublicKeyInfo()).Issues).What);
    }

    [Fact]
    public void EveryEventLine_ChangedRemovedOrRepeated_IsNoticed()
    {
        for (var i = 0; i < _lines.Length; i++)
        {
            if (!_lines[i].Contains("\"kind\":\"event\""))
            {
                continue;
            }
            var changed = _lines.ToArray();
            changed[i] = changed[i].Replace("TaskCompleted", "TaskFailed");
            Assert.Contains(Verify(changed).Issues, x => x.Kind == AuditIssueKind.Changed);
            Assert.NotEmpty(Verify([.. _lines[..i], .. _lines[(i + 1)..]]).Issues);
            Assert.NotEmpty(Verify([.. _lines[..i], _lines[i], .. _lines[i..]]).Issues);
        }
    }

    [Fact]
    public void LastEventAndTheEndRewritten_TheCheckpointNamesIt()
    {
        var end = _lines[^1].Replace("\"events\":5", "\"events\":4");
        Assert.NotEqual(_lines[^1], end);
        var issue = Assert.Single(Verify([.. _lines[..^2], end]).Issues);
        Assert.Equal((AuditIssueKind.Removed, 5), (issue.Kind, issue.Version));
    }

    [Fact]
    public void CutOff_IsNoticed() =>
        Assert.Contains(Verify(_lines[..^1]).Issues, i => i.What.Contains("cut off"));

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("{\"kind\":\"event\"}")]
    [InlineData("{\"kind\":\"header\",\"format\":\"other\"}")]
    [InlineData("{\"kind\":\"header\",\"format\":\"aegis-export-1\",\"public_key\":\"AAAA\"}")]
    [InlineData("{\"kind\":\"end\",\"events\":0,\"kind\":\"end\"}")]
    public void Garbage_IsMalformedAndNeverIntact(string text)
    {
        var report = Verify([text]);
        Assert.All(report.Issues, i => Assert.Equal(AuditIssueKind.Malformed, i.Kind));
        Assert.False(report.IsIntact);
    }

    [Fact]
    public void AnEndlessLine_IsRefusedInBoundedMemory()
    {
        using var endless = new EndlessStream(ExportVerifier.LineBytesMax * 4L);
        var report = ExportVerifier.Verify(endless);
        Assert.Contains(report.Issues, i => i.What.Contains("a line has more than"));
        Assert.True(endless.Given < ExportVerifier.LineBytesMax * 3L, $"{endless.Given} bytes were read");
    }

    private static AuditReport Verify(string[] lines, byte[]? key = null) =>
        ExportVerifier.Verify(new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n")), key);

    private LedgerExport Export() => new(ledger.Database, ledger.Tenants, ledger.Home, TimeProvider.System);

    private sealed class EndlessStream(long length) : MemoryStream
    {
        public long Given { get; private set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = (int)Math.Min(count, length - Given);
            buffer.AsSpan(offset, read).Fill((byte)'x');
            Given += read;
            return read;
        }
    }
}
