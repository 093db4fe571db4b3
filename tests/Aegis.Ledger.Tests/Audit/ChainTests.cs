using Aegis.Core.Audit;
using FsCheck;
using FsCheck.Fluent;

namespace Aegis.Ledger.Tests.Audit;

/// <summary>Each kind of tampering, at every place of a stream, is named with its kind and version.</summary>
public sealed class ChainTests
{
    private const int Count = 12;
    private static readonly byte[] Other = [.. Enumerable.Repeat((byte)7, 32)];

    public static TheoryData<int> Versions => [.. Enumerable.Range(1, Count)];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(300)]
    public void Untouched_Verifies(int count) => Assert.Empty(ChainBuilder.Audit(ChainBuilder.Make(count)));

    [Theory, MemberData(nameof(Versions))]
    public void PayloadChanged_IsNamed(int version)
    {
        var events = ChainBuilder.Make(Count);
        events[version - 1] = events[version - 1] with { PayloadHash = Other };
        Assert.Equal([$"Changed {version}"], ChainBuilder.Audit(events));
    }

    [Theory, MemberData(nameof(Versions))]
    public void TypeOrTimeChanged_IsNamed(int version)
    {
        var events = ChainBuilder.Make(Count);
        events[version - 1] = events[version - 1] with { Type = "Forged" };
        Assert.Equal([$"Changed {version}"], ChainBuilder.Audit(events));
        events = ChainBuilder.Make(Count);
        events[version - 1] = events[version - 1] with { AtMicroseconds = 1 };
        Assert.Equal([$"Changed {version}"], ChainBuilder.Audit(events));
    }

    [Theory, MemberData(nameof(Versions))]
    public void ChangedWithNewHash_TheBreakBehindItIsNamed(int version)
    {
        var events = ChainBuilder.Make(Count);
        var previous = version == 1 ? EventHash.Genesis.ToArray() : events[version - 2].Hash;
        events[version - 1] = ChainBuilder.Rehash(events[version - 1] with { PayloadHash = Other }, previous);
        // the last one has nothing behind it: only a checkpoint can speak
        Assert.Equal(version == Count ? [] : [$"Changed {version + 1}"], ChainBuilder.Audit(events));
    }

    [Theory, MemberData(nameof(Versions))]
    public void HashAloneChanged_IsNamed(int version)
    {
        var events = ChainBuilder.Make(Count);
        events[version - 1] = events[version - 1] with { Hash = Other };
        Assert.Contains($"Changed {version}", ChainBuilder.Audit(events));
    }

    [Theory, MemberData(nameof(Versions))]
    public void Removed_IsNamed(int version)
    {
        var events = ChainBuilder.Make(Count);
        events.RemoveAt(version - 1);
        // a removed end leaves a shorter, valid chain: that is what checkpoints are for
        Assert.Equal(version == Count ? [] : [$"Removed {version}"], ChainBuilder.Audit(events));
    }

    [Fact]
    public void RemovedRange_IsNamedWhole()
    {
        var events = ChainBuilder.Make(Count);
        events.RemoveRange(3, 4);
        Assert.Equal(["Removed 4-7"], ChainBuilder.Audit(events));
    }

    [Theory, MemberData(nameof(Versions))]
    public void RemovedAndRenumbered_IsNamed(int version)
    {
        var events = ChainBuilder.Make(Count);
        events.RemoveAt(version - 1);
        var found = ChainBuilder.Audit(ChainBuilder.Renumber(events));
        // with one event left behind the gap, nothing ties it to a version any more
        Assert.Equal(version == Count ? [] : version == Count - 1 ? [$"Changed {version}"]
            : [$"Removed {version}"],
            found);
    }

    [Theory, MemberData(nameof(Versions))]
    public void InsertedWithAnyHash_IsNamed(int version)
    {
        var events = ChainBuilder.Make(Count);
        events.Insert(version - 1, new AuditEvent(version, "Forged", 5, Other, Other, false));
        Assert.Equal([$"Inserted {version}"], ChainBuilder.Audit(ChainBuilder.Renumber(events)));
    }

    [Theory, MemberData(nameof(Versions))]
    public void InsertedWithAFittingHash_IsNamed(int version)
    {
        var events = ChainBuilder.Make(Count);
        var previous = version == 1 ? EventHash.Genesis.ToArray() : events[version - 2].Hash;
        events.Insert(version - 1, ChainBuilder.Rehash(new AuditEvent(version, "Forged", 5, Other, [], false),
            previous));
        var found = ChainBuilder.Audit(ChainBuilder.Renumber(events));
        // before the last event there is nothing behind that event to tell its true version
        Assert.Equal(version == Count ? [$"Changed {Count + 1}"] : [$"Inserted {version}"], found);
    }

    [Theory, MemberData(nameof(Versions))]
    public void NeighboursSwapped_BothAreNamed(int version)
    {
        var events = ChainBuilder.Make(Count);
        var other = version == Count ? 1 : version + 1;
        (events[version - 1], events[other - 1]) = (events[other - 1], events[version - 1]);
        var found = ChainBuilder.Audit(ChainBuilder.Renumber(events));
        Assert.Contains($"Reordered {version}", found);
        Assert.Contains($"Reordered {other}", found);
        Assert.Equal(2, found.Count);
    }

    [Fact]
    public void RenumberedWithAGap_IsNamed()
    {
        var events = ChainBuilder.Make(3);
        events[2] = events[2] with { Version = 4 };
        Assert.Equal(["Reordered 4"], ChainBuilder.Audit(events));
    }

    [Fact]
    public void ManyChanges_AreAllNamedAndTheReportIsBounded()
    {
        var events = ChainBuilder.Make(AuditReport.IssuesMax + 1);
        var auditor = new LedgerAuditor(null);
        foreach (var stored in events)
        {
            auditor.AddEvent(ChainBuilder.Tenancy, ChainBuilder.Stream, stored with { PayloadHash = Other },
                []);
        }
        var report = auditor.Finish();
        Assert.Equal((AuditReport.IssuesMax, 1), (report.Issues.Length, report.More));
        Assert.False(report.IsIntact);
    }

    [Fact]
    public void AnyTampering_OfAnyStream_IsFound() => Prop.ForAll(
        Gen.Choose(2, 100).SelectMany(n => Gen.Choose(0, n - 2).SelectMany(at => Gen.Choose(0,
            5).SelectMany(kind =>
            Gen.Choose(0, 1_000_000).Select(seed => (n, at, kind, seed))))).ToArbitrary(),
        tampering =>
        {
            var (count, at, kind, seed) = tampering;
            var events = ChainBuilder.Make(count, seed);
            switch (kind)
            {
                case 0: events[at] = events[at] with { PayloadHash = Other }; break;
                case 1: events[at] = events[at] with { Type = events[at].Type + "x" }; break;
                case 2: events.RemoveAt(at); break;
                case 3: events.RemoveAt(at); events = ChainBuilder.Renumber(events); break;
                case 4:
                    events.Insert(at, events[(at + 1) % count]);
                    events = ChainBuilder.Renumber(events);
                    break;
                default:
                    (events[at], events[at + 1]) = (events[at + 1], events[at]);
                    events = ChainBuilder.Renumber(events);
                    break;
            }
            return ChainBuilder.Audit(events).Count > 0;
        }).QuickCheckThrowOnFailure();
}
