using Aegis.Core.Audit.Controls;
using Aegis.Core.Errors;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Tests.Audit;

public sealed class ControlCatalogueTests
{
    private static readonly ControlCatalogue Shipped = ControlCatalogue.BuiltIn;

    [Fact]
    public void Events_AreTypesThatTheLedgerKnows() => Assert.Empty(
        Shipped.Controls.SelectMany(c => c.Events).Except(RunEventCodec.TypeNames));

    [Fact]
    public void Records_AreOfKnownKinds() => Assert.Empty(
        Shipped.Controls.SelectMany(c => c.Records).Except(ControlCatalogue.RecordKinds));

    [Fact]
    public void Controls_AreEachThereOnce_ServedOrNot_AndCoverTheCriteria()
    {
        var ids = Shipped.Controls.Select(c => c.Id).Concat(Shipped.Unserved.Keys).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        // the Common Criteria, availability, confidentiality and processing integrity, as the AICPA counts
        // them
        var all = new Dictionary<string, int>
        {
            ["CC1"] = 5, ["CC2"] = 3, ["CC3"] = 4, ["CC4"] = 2, ["CC5"] = 3, ["CC6"] = 8, ["CC7"] = 5,
            ["CC8"] = 1, ["CC9"] = 2, ["A1"] = 3, ["C1"] = 2, ["PI1"] = 5,
        };
        Assert.Equal(all.SelectMany(g => Enumerable.Range(1, g.Value), (g, n) => $"{g.Key}.{n}").Order(),
            ids.Order());
        Assert.All(Shipped.Controls, c => Assert.True(!c.Events.IsEmpty && !c.Doors.IsEmpty
            && c.Events.Distinct().Count() == c.Events.Length && c.Human.EndsWith('.'), c.Id));
    }

    [Fact]
    public void Choose_OfOneThatIsNotThere_SaysWhichThereAre_OrWhyNot()
    {
        Assert.Equal(Shipped.Controls.AsEnumerable(), Shipped.Choose([]));
        Assert.Equal(["CC6.1", "CC8.1"], Shipped.Choose(["CC8.1", "CC6.1"]).Select(c => c.Id));
        Assert.Equal("AEGIS2653",
            Assert.Throws<AegisException>(() => Shipped.Choose(["CC6.1", "CC66"])).Error.Code);
        Assert.Equal(Shipped.Unserved["CC1.2"],
            Assert.Throws<AegisException>(() => Shipped.Choose(["CC1.2"])).Error.Mend);
    }

    [Fact]
    public void File_AtItsLimit_IsRead_AndOnePastIsNot()
    {
        const string Text = "controls: []\nunserved: {}\n#";
        Assert.Empty(ControlCatalogue.Parse(Text.PadRight(ControlCatalogue.CharsMax, 'x'), "c").Errors);
        Assert.NotEmpty(ControlCatalogue.Parse(Text.PadRight(ControlCatalogue.CharsMax + 1, 'x'),
            "c").Errors);
    }
}
