using System.Security.Cryptography;
using System.Text;
using Aegis.Core;
using Aegis.Core.Audit;
using FsCheck;
using FsCheck.Fluent;

namespace Aegis.Ledger.Tests.Audit;

public sealed class EventHashTests
{
    // computed with sha256sum, as docs/ledger.md shows
    private const string GoldenPayloadHash =
        "468397e3d0961445169fa989373f255f68a64f542e14d5fa0eb2ca2bcc0ee627";
    private const string GoldenHash = "a51dcfdf08329162167d09a8e3e102bb4accf31bf04496325ba8ddc846e538d7";

    [Fact]
    public void GoldenVector_AsComputedByHand()
    {
        var salt = Enumerable.Range(0, 16).Select(i => (byte)i).ToArray();
        var payloadHash = new byte[32];
        var hash = new byte[32];
        EventHash.Payload(salt, """{"name":"build"}"""u8, payloadHash);
        EventHash.Chain(EventHash.Genesis, new Tenancy("acme", "web"), "run_1", 1, "RunCreated",
            1_763_689_200_000_001, payloadHash, hash);

        Assert.Equal(GoldenPayloadHash, Convert.ToHexStringLower(payloadHash));
        Assert.Equal(GoldenHash, Convert.ToHexStringLower(hash));
    }

    [Fact]
    public void Chain_IsTheDocumentedConcatenation() => Prop.ForAll(
        Gen.Choose(0, 5000).SelectMany(length => Gen.Choose(1, int.MaxValue).SelectMany(version =>
            Gen.Choose(0, int.MaxValue).Select(at => (length, version, at)))).ToArbitrary(),
        sample =>
        {
            var (length, version, at) = sample;
            var random = new Random(version);
            var (salt, payload, previous) = (new byte[16], new byte[length], new byte[32]);
            random.NextBytes(salt);
            random.NextBytes(payload);
            random.NextBytes(previous);
            var (payloadHash, hash) = (new byte[32], new byte[32]);
            EventHash.Payload(salt, payload, payloadHash);
            EventHash.Chain(previous, new Tenancy("t", "p"), "s", version, "T", at, payloadHash, hash);

            var header = Encoding.UTF8.GetBytes($"aegis-event-1\nt\np\ns\n{version}\nT\n{at}");
            return payloadHash.SequenceEqual(SHA256.HashData([.. salt, .. payload]))
                && hash.SequenceEqual(SHA256.HashData([.. previous, .. header, .. payloadHash]));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Chain_AnyPartChanged_GivesAnotherHash()
    {
        var zero = new byte[32];
        byte[] one = [1, .. new byte[31]];
        var variants = new List<byte[]>
        {
            Of(zero, "t", "p", "s", 1, "T", 5, zero),
            Of(one, "t", "p", "s", 1, "T", 5, zero),
            Of(zero, "u", "p", "s", 1, "T", 5, zero),
            Of(zero, "t", "q", "s", 1, "T", 5, zero),
            Of(zero, "t", "p", "r", 1, "T", 5, zero),
            Of(zero, "t", "p", "s", 2, "T", 5, zero),
            Of(zero, "t", "p", "s", 1, "U", 5, zero),
            Of(zero, "t", "p", "s", 1, "T", 6, zero),
            Of(zero, "t", "p", "s", 1, "T", 5, one),
        };
        Assert.Equal(variants.Count, variants.Select(Convert.ToHexString).Distinct().Count());
    }

    [Fact]
    public void Chain_HeaderOf960BytesAnd961_OnlyTheFirstFits()
    {
        var room = 960 - "aegis-event-1\nt\np\ns\n1\n\n1".Length;
        Assert.Equal(32, Of(new byte[32], "t", "p", "s", 1, new string('T', room), 1, new byte[32]).Length);
        Assert.Throws<InvalidOperationException>(() =>
            Of(new byte[32], "t", "p", "s", 1, new string('T', room + 1), 1, new byte[32]));
    }

    [Fact]
    public void Microseconds_OfAnyTime_ComeBack() => Prop.ForAll(
        Gen.Choose(0, int.MaxValue).SelectMany(a => Gen.Choose(0, 999_999).Select(b => (a * 1_000_000L) + b))
            .ToArbitrary(),
        micro =>
            EventHash.Microseconds(EventHash.FromMicroseconds(micro)) == micro).QuickCheckThrowOnFailure();

    private static byte[] Of(byte[] previous, string tenant, string project, string stream, int version,
        string type,
        long at, byte[] payloadHash)
    {
        var hash = new byte[32];
        EventHash.Chain(previous, new Tenancy(tenant, project), stream, version, type, at, payloadHash, hash);
        return hash;
    }
}
