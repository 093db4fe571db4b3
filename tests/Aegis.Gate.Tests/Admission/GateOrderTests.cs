using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Findings;
using Aegis.Core.Plans;
using Aegis.Core.Policy;
using Aegis.Core.Policy.Tiers;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Audits;
using Aegis.Gate.Admission;
using Aegis.Gate.Policies;
using Decision = Aegis.Core.Policy.Decision;
using Verdict = Aegis.Gate.Admission.Admission;

namespace Aegis.Gate.Tests.Admission;

public sealed class GateOrderTests
{
    private static readonly PlanPolicy Git = Given.Nothing with { AllowCommands = ["git *", "ls"] };

    private readonly StandingClock clock = new();
    private readonly GateOrder order;

    public GateOrderTests() => order = new GateOrder(NoVaccines.Instance, new RateLimiter(clock));

    [Fact]
    public void Stages_AreInTheOrderOfTheLaw() => Assert.Equal(["identity", "scope", "tools_allowed", "pin",
        "input", "arguments", "vaccines", "audit", "rate_limit", "approval"], order.Stages.AsEnumerable());

    [Theory]
    [InlineData("ping", "tools:ping", "{}", null, null)]
    [InlineData("ping", "admin:*", "{}", null, null)]
    [InlineData("ping", "tools:*", "{}", null, null)]
    [InlineData("git.push", "tools:git.push", "{}", null, null)]
    [InlineData("git.status", "tools:git.push", "{}", "scope", "AEGIS2003")]
    [InlineData("ping", "tools:generate", "{}", "scope", "AEGIS2003")]
    [InlineData("nothing", "admin:*", "{}", "scope", "AEGIS2002")]
    [InlineData("ping", "tools:ping", "{\"x\":1}", "input", "AEGIS2001")]
    [InlineData("shell.exec", "tools:shell", "{\"cmd\":\"rm x\"}", "arguments", "AEGIS1140")]
    [InlineData("shell.exec", "tools:shell", "{\"cmd\":\"git -c a=b log\"}", "arguments", "AEGIS1141")]
    [InlineData("http.fetch", "tools:http", "{\"url\":\"https://a.b/\"}", "arguments", "AEGIS2161")]
    [InlineData("shell.exec", "tools:shell", "{\"cmd\":\"git push --force\"}", "approval", "AEGIS1142")]
    [InlineData("shell.exec", "tools:shell", "{\"cmd\":\"ls\"}", null, null)]
    public void Decide_ByScopeInputAndWorkflow(
        string tool, string scope, string input, string? stage, string? code)
    {
        var found = order.Decide(Given.Tools.Find(tool),
            new CallOrder(tool, JsonElement.Parse(input), Given.By(scope), Git, GatePolicy.Open));
        Assert.Equal((code, stage ?? "approval"), (found.Denial?.Code, found.Stage));
    }

    [Fact]
    public void Decide_WithoutTenancyOrActor_IsDeniedFirst()
    {
        foreach (var by in (Principal[])[Given.By("admin:*") with { Actor = "" },
            Given.By("admin:*") with { Tenancy = new("acme", "") }])
        {
            var found = order.Decide(null, CallOrder.Sight("ping", by, GatePolicy.Open));
            Assert.Equal(("identity", "AEGIS2500"), (found.Stage, found.Denial!.Code));
        }
    }

    [Theory]
    [InlineData("{}", "git.push", null)]
    [InlineData("{tools_allowed: []}", "git.push", "AEGIS2502")]
    [InlineData("{tools_allowed: [git]}", "git.push", null)]
    [InlineData("{tools_allowed: [git.status]}", "git.push", "AEGIS2502")]
    [InlineData("{rules: [{id: a, tools: git, where: {branch: main}, decision: deny, reason: no}]}",
        "git.push", "AEGIS2504")]
    [InlineData("{rules: [{id: a, tools: git, where: {branch: main}, decision: ask, reason: no}]}",
        "git.push", "AEGIS2505")]
    [InlineData("{rules: [{id: a, tools: git, where: {branch: dev}, decision: deny, reason: no}]}",
        "git.push", null)]
    public void Decide_ByProfile(string yaml, string tool, string? code) => Assert.Equal(code,
        order.Decide(Given.Tools.Find(tool), new CallOrder(tool, Given.Input(new { branch = "main" }),
            Given.By("tools:*"), Given.Nothing, Given.Policy(yaml))).Denial?.Code);

    [Theory]
    [InlineData("{}", null)]
    [InlineData("{egress_allow: [a.b]}", null)]
    [InlineData("{egress_allow: ['*.c']}", "AEGIS3113")]
    [InlineData("{egress_allow: []}", "AEGIS3113")]
    public void Decide_ByTheProfilesHosts_BeyondWhichNoWorkflowReaches(string yaml, string? code) =>
        Assert.Equal(code, order.Decide(Given.Tools.Find("http.fetch"), new CallOrder("http.fetch",
            Given.Input(new { url = "https://a.b/" }), Given.By("tools:*"),
            Given.Nothing with { EgressAllow = ["a.b"] }, Given.Profile(yaml))).Denial?.Code);

    /// <summary>The veto stands before the approval: a grant is not even read. The same call goes through
    /// where no audit failed.</summary>
    [Fact]
    public void Decide_ByAFailedAudit_IsDeniedWhateverSomebodyGranted()
    {
        var verdict = new AuditVerdict("/work/app", "vulnerable", "auditor", "h", 1, 1);
        var order = new CallOrder("git.push", Given.Input(new { branch = "dev" }), Given.By("admin:*"),
            Given.Nothing, GatePolicy.Open, new GateGrant("audit", "")) { Audits = RunAudits.None };
        Assert.Null(this.order.Decide(Given.Tools.Find("git.push"), order).Denial);
        var vetoed = this.order.Decide(Given.Tools.Find("git.push"),
            order with { Audits = RunAudits.None.With("audit", verdict) });
        Assert.Equal(("audit", "AEGIS2640", false), (vetoed.Stage, vetoed.Denial!.Code, vetoed.Asks));
    }

    [Theory]
    [InlineData("{audit: required}", "AEGIS2641")]
    [InlineData("{audit: optional}", null)]
    [InlineData("{}", null)]
    public void Decide_ByAProfileThatDemandsAnAudit(string yaml, string? code)
    {
        var order = new CallOrder("git.push", Given.Input(new { branch = "dev" }), Given.By("tools:*"),
            Given.Nothing, Given.Policy(yaml));
        Assert.Equal(code, this.order.Decide(Given.Tools.Find("git.push"), order).Denial?.Code);
        var passed = RunAudits.None.With("audit", new AuditVerdict("/work/app", "clean", "auditor", "h", 0,
            0));
        Assert.Null(this.order.Decide(Given.Tools.Find("git.push"), order with { Audits = passed }).Denial);
    }

    [Fact]
    public void Decide_ByAPassUnderOtherRules_DeniesWhatLeavesTheRun()
    {
        var rules = RuleSet.Find("auditor")!;
        var passed = RunAudits.None.With("audit",
            new AuditVerdict("/work/app", "clean", "auditor", rules.Hash, 0, 0));
        var order = new CallOrder("git.push", Given.Input(new { branch = "dev" }), Given.By("tools:*"),
            Given.Nothing, GatePolicy.Open with { Audit = rules }) { Audits = passed };
        Assert.Null(this.order.Decide(Given.Tools.Find("git.push"), order).Denial);
        var stricter = rules.With(AuditRules.None with { BlocksFrom = FindingSeverity.Warning },
            DateTimeOffset.UnixEpoch);
        var denied = this.order.Decide(Given.Tools.Find("git.push"),
            order with { Rules = GatePolicy.Open with { Audit = stricter } });
        Assert.Equal(("audit", "AEGIS2651"), (denied.Stage, denied.Denial!.Code));
    }

    [Fact]
    public void Decide_ByABrokenProfile_DeniesEverything()
    {
        var broken = GatePolicy.Open with { Broken = new AegisError("AEGIS2501", "broken") };
        Assert.Equal("AEGIS2501", order.Decide(Given.Tools.Find("ping"),
            new CallOrder("ping", Given.Input(new { }), Given.By("admin:*"), Given.Nothing, broken))
            .Denial!.Code);
    }

    [Theory]
    [InlineData("ls", null)]
    [InlineData("git status", null)]
    [InlineData("git log", "AEGIS2506")]
    [InlineData("ls && git log", "AEGIS2506")]
    [InlineData("rm x", "AEGIS1140")]
    public void Decide_ByTier_WorkflowAndTierMustBothAllow(string line, string? code) => Assert.Equal(code,
        Shell(line, Given.Policy("{}", "1", TierBook.BuiltIn.Tiers["gratis"])).Denial?.Code);

    [Fact]
    public void Decide_ByTwoTiers_TheNarrowerHolds()
    {
        var (free, pro) = (TierBook.BuiltIn.Tiers["gratis"], TierBook.BuiltIn.Tiers["pro"]);
        Assert.Null(Shell("git log", Given.Policy("{}", "1", pro)).Denial);
        foreach (var tiers in (Tier[][])[[pro, free], [free, pro]])
        {
            var found = Shell("git log", Given.Policy("{}", "1", tiers));
            Assert.Equal("AEGIS2506", found.Denial?.Code);
            Assert.StartsWith("tier gratis: ", found.Rule, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Approval_HoldsForItsRulesAndPolicyVersionOnly()
    {
        Verdict Push(string version, GateGrant? grant) => order.Decide(
            Given.Tools.Find("shell.exec"), new CallOrder("shell.exec",
                Given.Input(new { cmd = "git push --force" }), Given.By("tools:*"), Git,
                Given.Policy("{}", version), grant));
        var asked = Push("1", null);
        Assert.True(asked.Asks);
        var grant = new GateGrant(asked.Rule!, "1");
        var passed = Push("1", grant);
        Assert.Equal((null, $"granted: {asked.Rule}"), (passed.Denial?.Code, passed.Rule));
        Assert.True(Push("2", grant).Asks);
        Assert.True(Push("1", grant with { Rule = "another" }).Asks);
        Assert.True(Push("1", grant with { Policy = null }).Asks);
    }

    [Fact]
    public void Approval_Granted_IsJudgedAgain_ByEverythingBefore()
    {
        var grant = new GateGrant("git.force-push", "1");
        var found = order.Decide(Given.Tools.Find("shell.exec"), new CallOrder("shell.exec",
            Given.Input(new { cmd = "git push --force" }), Given.By("tools:*"), Git,
            Given.Policy("{tools_allowed: [ping]}"), grant));
        Assert.Equal(("tools_allowed", false), (found.Stage, found.Asks));
    }

    [Fact]
    public void RateLimit_RefusesPastIt_AndSaysWhen()
    {
        var policy = Given.Policy("{rate_limits: {git: {rpm: 2}}}");
        Assert.Null(Ping("git.status", policy).Denial);
        Assert.Null(Ping("git.push", policy).Denial);
        var third = Ping("git.status", policy);
        Assert.Equal(("AEGIS2503", TimeSpan.FromSeconds(30)), (third.Denial!.Code, third.RetryAfter));
        Assert.Null(Ping("ping", policy).Denial);
        clock.Move(TimeSpan.FromSeconds(30));
        Assert.Null(Ping("git.status", policy).Denial);
        Assert.NotNull(Ping("git.status", policy).Denial);
    }

    [Fact]
    public void Look_CountsNothing()
    {
        var policy = Given.Policy("{rate_limits: {ping: {rpm: 1}}}");
        var call = new CallOrder("ping", Given.Input(new { }), Given.By("tools:*"), Given.Nothing, policy);
        for (var i = 0; i < 5; i++)
        {
            Assert.Null(order.Look(Given.Tools.Find("ping"), call).Denial);
            Assert.Equal(Decision.Allow, order.Explain(Given.Tools.Find("ping"), call).Decision);
        }
        Assert.Null(order.Decide(Given.Tools.Find("ping"), call).Denial);
        Assert.Equal("rate_limit", order.Look(Given.Tools.Find("ping"), call).Stage);
    }

    [Fact]
    public void Explain_TellsEveryRule_TheDecidingOneAndTheMend()
    {
        var told = order.Explain(Given.Tools.Find("shell.exec"), new CallOrder("shell.exec",
            Given.Input(new { cmd = "ls && git -c a=b log" }), Given.By("tools:*"), Git,
            Given.Policy("{tools_allowed: [shell]}", "1", TierBook.BuiltIn.Tiers["pro"])));
        Assert.Equal(Decision.Deny, told.Decision);
        Assert.Equal(["identity", "scope", "tools_allowed", "pin", "input", "arguments"],
            told.Words.Select(w => w.Stage).Distinct());
        Assert.Contains(told.Words, w => w.Rule.Rule == "tools_allowed: shell");
        Assert.Contains(told.Words, w => w.Rule is { Rule: "allow: ls", Decision: Decision.Allow });
        var deciding = Assert.Single(told.Words, w => w.Rule.Rule == told.Admission.Rule);
        Assert.Equal(("arguments", Decision.Deny), (deciding.Stage, deciding.Rule.Decision));
        Assert.NotNull(told.Admission.Denial!.Mend);
    }

    private Verdict Shell(string line, GatePolicy policy) => order.Decide(
        Given.Tools.Find("shell.exec"), new CallOrder("shell.exec", Given.Input(new { cmd = line }),
            Given.By("tools:*"), Git, policy));

    private Verdict Ping(string tool, GatePolicy policy) => order.Decide(Given.Tools.Find(tool),
        new CallOrder(tool, Given.Input(new { }), Given.By("tools:*"), Given.Nothing, policy));
}
