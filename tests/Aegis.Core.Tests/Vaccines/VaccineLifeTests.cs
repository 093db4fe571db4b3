using Aegis.Core.Vaccines;
using Aegis.Core.Vaccines.Checks;

namespace Aegis.Core.Tests.Vaccines;

public sealed class VaccineLifeTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly VaccineOrder Order = new(VaccineScope.Project, "SQL built from parts",
        "Pass parameters", VaccineSeverity.High, "builder", "javascript", "q(\"SELECT a\" + b);",
        "q(\"SELECT a\", b);", "a.js", null, PatternCheck.Read(null, "SELECT[^\"]*\"\\s*\\+").Check);

    [Fact]
    public void Mint_TestsTheCheck_OnBothCodes()
    {
        Assert.Null(VaccineMint.Test(Order).Error);
        Assert.Equal("AEGIS2622", VaccineMint.Test(Order with { FailingCode = Order.FixedCode }).Error?.Code);
        Assert.Equal("AEGIS2623", VaccineMint.Test(Order with { FixedCode = Order.FailingCode }).Error?.Code);
        Assert.Equal("AEGIS2622", VaccineMint.Test(Order with { FailingCode = null }).Error?.Code);
        Assert.Equal("AEGIS2622", VaccineMint.Test(Order with { Path = "a.py" }).Error?.Code);
        Assert.Equal("AEGIS2621",
            VaccineMint.Test(Order with { Path = null, Language = null }).Error?.Code);
        Assert.Equal("AEGIS2624", VaccineMint.Test(Order with { Language = "klingon" }).Error?.Code);
    }

    [Fact]
    public void Mint_WithoutACheck_TakesTheRuleThatTellsTheCodesApart()
    {
        var order = Order with
        {
            Check = null,
            FailingCode =
                "app.get('/u', (req, res) => db.query(\"SELECT a FROM u WHERE b = \" + req.query.b));",
            FixedCode =
                "app.get('/u', (req, res) => db.query(\"SELECT a FROM u WHERE b = ?\", [req.query.b]));",
        };
        Assert.IsType<RuleCheck>(VaccineMint.Test(order).Order!.Check);
        Assert.Null(VaccineMint.Test(order with { FailingCode = "let a = 1;" }).Order!.Check);
    }

    [Theory]
    [InlineData(VaccineLimits.PatternCharsMax, 0, 0, 0, true)]
    [InlineData(VaccineLimits.PatternCharsMax + 1, 0, 0, 0, false)]
    [InlineData(1, VaccineLimits.SolutionCharsMax, 0, 0, true)]
    [InlineData(1, VaccineLimits.SolutionCharsMax + 1, 0, 0, false)]
    [InlineData(1, 1, VaccineLimits.CodeCharsMax, 0, true)]
    [InlineData(1, 1, VaccineLimits.CodeCharsMax + 1, 0, false)]
    [InlineData(1, 1, 1, VaccineLimits.ErrorLogCharsMax, true)]
    [InlineData(1, 1, 1, VaccineLimits.ErrorLogCharsMax + 1, false)]
    public void Mint_AtABound_AndPastIt(int pattern, int solution, int code, int log, bool isMinted)
    {
        var order = new VaccineOrder(VaccineScope.Project, new string('a', Math.Max(1, pattern)),
            new string('b', Math.Max(1, solution)), VaccineSeverity.Low, "x",
            FailingCode: code > 0 ? new string('c', code) : null,
            ErrorLog: log > 0 ? new string('d', log) : null);
        Assert.Equal(isMinted, VaccineMint.Test(order).Error is null);
    }

    [Theory]
    [InlineData(VaccineLimits.AgentCharsMax, true)]
    [InlineData(VaccineLimits.AgentCharsMax + 1, false)]
    public void Mint_OfAnAgentWithSoLongAName(int chars, bool isMinted) => Assert.Equal(isMinted,
        VaccineMint.Test(Order with { OriginAgent = new string('a', chars) }).Error is null);

    [Theory]
    [InlineData("(a{100}b){10}", true)]
    [InlineData("(a{91}b){11}", false)]
    public void Pattern_RepeatsUpToTheLimit(string regex, bool isRead) =>
        Assert.Equal(isRead, PatternCheck.Read(null, regex).Error is null);

    [Theory]
    [InlineData(1, true)]
    [InlineData(VaccineLimits.DaysMax, true)]
    [InlineData(0, false)]
    [InlineData(VaccineLimits.DaysMax + 1, false)]
    public void Mint_OfSoManyDays(int days, bool isMinted) =>
        Assert.Equal(isMinted, VaccineMint.Test(Order with { Days = days }).Error is null);

    [Fact]
    public void Alike_IsTheSameCheck_OrNearlyTheSameWords()
    {
        var one = VaccineLife.Begin(VaccineMint.Test(Order).Order!, "vac_1", Now);
        Assert.Same(one, VaccineLikeness.Find([one], Order with { ErrorPattern = "otherwise" }));
        Assert.Same(one, VaccineLikeness.Find([one], Order with
        {
            Check = null, ErrorPattern = "sql built from  parts",
        }));
        Assert.Null(VaccineLikeness.Find([one], Order with { Check = null, ErrorPattern = "eval of input" }));
        Assert.Null(VaccineLikeness.Find([one], Order with { Language = "python" }));
        // the project's own is no reason to leave the tenant without one
        Assert.Null(VaccineLikeness.Find([one], Order with { Scope = VaccineScope.Tenant }));
        Assert.NotNull(VaccineLikeness.Find([one with { Scope = VaccineScope.Tenant }], Order));
    }

    [Fact]
    public void Merge_CountsWhatWasNotPrevented_AndWakesWhatFaded()
    {
        var one = VaccineLife.Begin(Order, "vac_1", Now);
        var again = VaccineLife.Merge(one, Order, Now.AddDays(9));
        Assert.Equal(new VaccineCounts(2, 0, 1, 0), again.Counts);
        Assert.Equal(0, again.Counts.Efficacy);
        Assert.Equal(Now.AddDays(189), again.ExpiresAt);
        var woken = VaccineLife.Merge(one with { Status = VaccineStatus.Faded }, Order, Now);
        Assert.Equal((VaccineStatus.Active, 0L), (woken.Status, woken.Counts.Recurred));
    }

    [Theory]
    [InlineData(0, VaccineLimits.IdleRunsMax - 1, false)]
    [InlineData(0, VaccineLimits.IdleRunsMax, true)]
    [InlineData(-1, 0, true)]
    public void Life_EndsByTimeOrByRunsThatWentBy(int ticksLeft, long runs, bool isOver) =>
        Assert.Equal(isOver, VaccineLife.IsOver(Now.AddTicks(ticksLeft), runs, Now.AddTicks(-1)));

    /// <summary>What a search returns fits its budget, holds nothing twice, and keeps its order.</summary>
    [Fact]
    public void Ranking_OfAnyLists_FitsItsBudget()
    {
        var random = new Random(61);
        for (var round = 0; round < 200; round++)
        {
            var all = Enumerable.Range(0, random.Next(1, 40)).Select(i => VaccineLife.Begin(
                Order with { ErrorPattern = new string('a', random.Next(1, 400)) }, $"vac_{i}", Now))
                .ToDictionary(v => v.Id);
            IReadOnlyList<string>[] lists = [.. Enumerable.Range(0, 3).Select(_ =>
                all.Keys.OrderBy(_ => random.Next()).Take(random.Next(all.Count + 1)).ToList())];
            var fused = VaccineRanking.Fuse(all, lists);
            Assert.Equal(lists.SelectMany(l => l).Distinct().Order(), fused.Select(v => v.Id).Order());
            var budget = random.Next(1, 600);
            var fit = VaccineRanking.Fit(fused, budget);
            Assert.True(fit.Sum(v => VaccineRanking.Tokens(v.Line)) <= budget);
            Assert.Equal(fused.Where(fit.Contains), fit);
        }
    }

    [Fact]
    public void Ranking_PutsFirstWhatSeveralSearchesFound()
    {
        var all = Enumerable.Range(0, 3).Select(i => VaccineLife.Begin(Order, $"vac_{i}", Now))
            .ToDictionary(v => v.Id);
        Assert.Equal(["vac_1", "vac_0", "vac_2"],
            VaccineRanking.Fuse(all, ["vac_0", "vac_1"], ["vac_1", "vac_2"]).Select(v => v.Id));
        // of two that one search found side by side, what has stopped more
        all["vac_2"] = all["vac_2"] with { Counts = new VaccineCounts(9, 9, 0, 0) };
        Assert.Equal(["vac_2", "vac_0"], VaccineRanking.Fuse(all, ["vac_0", "vac_2"]).Select(v => v.Id));
    }

    [Fact]
    public void Guard_Of200_AsksOnlyTheExpressionsWhoseLettersAreThere()
    {
        PatternCheck[] checks = [.. Enumerable.Range(0, 200).Select(i =>
            PatternCheck.Read("**/*.js", $"(SELECT|INSERT|UPDATE)[^\"\\n]*mark{i}\"\\s*\\+").Check!)];
        var guard = VaccineGuard.Of(checks.Select((check, i) =>
            VaccineLife.Begin(Order with { Check = check }, $"vac_{i}", Now)));
        var plain = string.Concat(Enumerable.Repeat(
            "const row = await db.query(\"SELECT id FROM users WHERE id = ?\", [id]); // by id\n", 100));
        Assert.Empty(Asked(plain));
        Assert.Null(guard.Against([new ProposedFile("src/a.js", plain)]));
        var marked = plain + "q(\"SELECT mark7\" + id);\n";
        Assert.Equal([7], Asked(marked));
        Assert.Equal("vac_7", guard.Against([new ProposedFile("src/a.js", marked)])?.Vaccine.Id);

        IEnumerable<int> Asked(string text)
        {
            var file = new ReadFile(new ProposedFile("src/a.js", text));
            return Enumerable.Range(0, checks.Length).Where(i => checks[i].MayBeIn(file));
        }
    }
}
