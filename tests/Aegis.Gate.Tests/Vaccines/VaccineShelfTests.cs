using Aegis.Core.Vaccines;
using Aegis.Gate.Tests.Admission;
using Aegis.Gate.Vaccines;

namespace Aegis.Gate.Tests.Vaccines;

public sealed class VaccineShelfTests
{
    [Theory]
    [InlineData(VaccineShelf.WaitingMax, 0)]
    [InlineData(VaccineShelf.WaitingMax + 1, 1)]
    public void StoppedCalls_WaitUpToTheLimit_AndTheOldestGo(int stopped, int first)
    {
        var woken = 0;
        var shelf = new VaccineShelf(null!, null!) { Waits = () => woken++ };
        var vaccine = new Vaccine("vac_a", VaccineScope.Project, "p", "s", VaccineSeverity.Low, "a",
            DateTimeOffset.UnixEpoch, null, null, default!, VaccineStatus.Active, DateTimeOffset.MaxValue);
        for (var i = 0; i < stopped; i++)
        {
            shelf.Stopped(Given.By("admin:*"), "file.write",
                new VaccineStop(vaccine, "a.js", new CheckHit(1, 1, "x")), $"call {i}");
        }

        var taken = shelf.Take(int.MaxValue);

        Assert.Equal((stopped, VaccineShelf.WaitingMax, $"call {first}"),
            (woken, taken.Count, taken[0].Call.CallId));
        Assert.Empty(shelf.Take(1));
    }
}
