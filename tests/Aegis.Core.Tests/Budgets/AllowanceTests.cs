using Aegis.Core.Budgets;
using Aegis.Core.Profiles;

namespace Aegis.Core.Tests.Budgets;

public sealed class AllowanceTests
{
    [Fact]
    public void Profile_SetsLimitsOfProjectAndEachUser()
    {
        var read = Read("""
            usd_day: 5
            usd_month: 50.25
            usd_total: 0.000000000001
            tokens_day: 1_000
            tokens_month: 2
            tokens_total: 3
            calls_day: 4
            calls_month: 5
            calls_total: 0
            each_user: { usd_day: 1, calls_month: 7 }
            """);
        Assert.Equal(new Allowance(5, 50.25m, 0.000000000001m, 1_000, 2, 3, 4, 5, 0), read.Quotas);
        Assert.Equal(new Allowance(UsdDay: 1, CallsMonth: 7), read.EachUser);
        Assert.Equal(
        [
            new(3, BudgetScope.User, "web/key:a", BudgetPeriod.Day, BudgetUnit.Usd, 1),
            new(3, BudgetScope.User, "web/key:a", BudgetPeriod.Month, BudgetUnit.Calls, 7),
        ], read.EachUser.Of(3, BudgetScope.User, "web/key:a").AsEnumerable());
        Assert.Equal(9, read.Quotas.Of(3, BudgetScope.Project, "web").Length);
        Assert.All(read.Quotas.Of(3, BudgetScope.Project, "web"), l => Assert.Null(l.Check()));
        Assert.Empty(Allowance.None.Of(3, BudgetScope.Project, "web"));
    }

    [Theory]
    [InlineData("usd_day: 0", null)]
    [InlineData("usd_day: -0.01", "AEGIS2314")]
    [InlineData("usd_day: 1000000000000", null)]
    [InlineData("usd_day: 1000000000000.01", "AEGIS2314")]
    [InlineData("usd_total: 0.0000000000001", "AEGIS2314")]
    [InlineData("usd_month: \"5\"", "AEGIS2314")]
    [InlineData("usd_month: five", "AEGIS2314")]
    [InlineData("tokens_total: 1000000000000000", null)]
    [InlineData("tokens_total: 1000000000000001", "AEGIS2314")]
    [InlineData("calls_day: 1.5", "AEGIS2314")]
    [InlineData("calls_day: -1", "AEGIS2314")]
    [InlineData("calls_week: 1", "AEGIS2313")]
    [InlineData("each_user: 5", "AEGIS2314")]
    [InlineData("each_user: { each_user: {} }", "AEGIS2313")]
    [InlineData("each_user: { usd_day: 0.0000000000001 }", "AEGIS2314")]
    public void Quotas_AtTheirEdges(string quotas, string? code)
    {
        var read = ProfileParser.Parse($"policies:\n  quotas:\n    {quotas}\n", "profile.yaml");
        Assert.Equal(code, read.Errors.Select(e => e.Error.Code).SingleOrDefault());
        if (code is not null)
        {
            Assert.Equal(3, Assert.Single(read.Errors).At.Line);
        }
    }

    private static ProfilePolicies Read(string quotas)
    {
        var yaml = "policies:\n  quotas:\n" + string.Concat(
            quotas.Split('\n').Select(line => $"    {line.Trim()}\n"));
        return ProfileParser.Parse(yaml, "profile.yaml").Value!.Policies;
    }
}
