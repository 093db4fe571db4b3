using Aegis.Core;
using Aegis.Core.Vaccines;
using Aegis.Core.Vaccines.Checks;
using Aegis.Gate.Vaccines;
using Aegis.Ledger.Tenants;
using Aegis.Ledger.Vaccines;
using Aegis.Tests.Shared;

namespace Aegis.Engine.Tests.Vaccines;

public sealed class VaccineShelfKeptTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task KeptMax_IsTheLimit_AndWhatIsDroppedProtectsWhenAskedAgain()
    {
        await ledger.CreateProjectAsync(Project(0));
        for (var i = 1; i <= VaccineShelf.KeptMax; i++)
        {
            await ledger.Tenants.CreateProjectAsync(Project(i), None);
        }
        await MintAsync(Project(0), "git push", 1);
        await MintAsync(Project(1), "rm build", 2);
        var shelf = new VaccineShelf(ledger.Database, ledger.Tenants);
        var first = await shelf.OfAsync(Project(0), None);
        for (var i = 1; i < VaccineShelf.KeptMax; i++)
        {
            await shelf.OfAsync(Project(i), None);
        }

        // at the limit all are kept, and what is read anew of one of them takes nobody's place
        Assert.Same(first, await shelf.OfAsync(Project(0), None));
        await MintAsync(Project(1), "npm publish", 3);
        Assert.NotNull((await shelf.OfAsync(Project(1), None)).Against("npm publish"));
        Assert.Same(first, await shelf.OfAsync(Project(0), None));

        // one past it they begin anew: nothing but the time of reading is lost
        Assert.Null((await shelf.OfAsync(Project(VaccineShelf.KeptMax), None)).Against("git push"));
        var again = await shelf.OfAsync(Project(0), None);
        Assert.NotSame(first, again);
        Assert.NotNull(again.Against("git push"));
        Assert.Null(again.Against("rm build"));
        Assert.Same(again, await shelf.OfAsync(Project(0), None));
    }

    private static Tenancy Project(int number) => new("kept", $"p{number}");

    private async Task MintAsync(Tenancy project, string command, int number)
    {
        var keys = (await ledger.Tenants.ResolveAsync(project, None))!.Value;
        await new VaccineTable(ledger.Database).MintAsync(keys, new VaccineOrder(VaccineScope.Project,
            $"mistake {command}", "mend", VaccineSeverity.Low, "builder",
            Check: CommandCheck.Read(command).Check), $"vac_{number:d26}", "key:a",
            DateTimeOffset.UnixEpoch.AddYears(56), None);
    }
}
