using System.Text;
using Aegis.Core.Plans.Review;
using Aegis.Core.Policy;
using Aegis.Core.Policy.Tiers;
using Aegis.Core.Catalogue;
using Aegis.Core.Profiles;
using Aegis.Core.Rehearsals;

namespace Aegis.Core.Tests.Plans.Review;

public sealed class PlanReviewTests
{
    private const string Priced = """
        providers:
          house:
            base_url: https://models.example/v1
            prices: { big: { input_usd_per_million: 1000, output_usd_per_million: 2000 } }
        models: { reasoning: { provider: house, model: big } }
        """;

    [Fact]
    public void DocumentOne_IsPlannedWithoutAProfile()
    {
        var review = Diagnose(Compiling.Sample("feature-branch-ci.yaml"), ModelSight.Unknown).Review!;
        Assert.Equal((0.0000055m, 0.0176385m, 0.0176385m),
            (review.Cost.Least, review.Cost.Most, review.MostUsd));
        Assert.Equal(
            [
                "plan: o3-mini at the list price of openai; blackbox's own is not known without its profile",
                "plan: without max_tokens a reply is taken to have 4,000 tokens, which a profile may change",
            ],
            review.Cost.Why);
        Assert.Equal(["allow: npm ci", "allow: npm run build"],
            review.Steps[1].Arguments.Verdict!.Matched.Select(m => m.Rule));
        Assert.DoesNotContain(review.Steps, s => s.Decision != Decision.Allow);
    }

    // (bytes of the prompt + 16) × 0.001 + max_tokens × 0.002, for each call
    [Theory]
    [InlineData("with: { prompt: abcd, max_tokens: 10 }", "0.003", "0.04")]
    [InlineData("with: { prompt: ñandú, max_tokens: 10 }", "0.003", "0.043")]
    [InlineData("with: { prompt: abcd, max_tokens: 10 }\n    retry: 2", "0.003", "0.12")]
    [InlineData("with: { prompt: abcd, max_tokens: 10 }\n    repeat: { until: x == 1, max: 5 }", "0.003",
        "0.2")]
    [InlineData("with: { prompt: abcd, max_tokens: 10 }\n    foreach: [a, b, c]", "0.009", "0.12")]
    [InlineData("with: { prompt: abcd, max_tokens: 10 }\n    if: failure()", "0", "0.04")]
    [InlineData("with: { prompt: abcd, max_tokens: 10 }\n    foreach: '${{ fromJSON(context.list) }}'", "0",
        "400")]
    [InlineData("with: { prompt: '${{ context.a }}', max_tokens: 10 }", "0.003", "1048.612")]
    [InlineData(
        "with: { messages: [{ role: user, content: abcd }, { role: user, content: '' }], max_tokens: 10 }",
        "0.003", "0.056")]
    [InlineData("with: { prompt: abcd }", "0.003", "8.02")]
    [InlineData("with: { prompt: abcd, model: '${{ context.model }}', max_tokens: 10 }", "0", null)]
    public void Cost_OfAModelStep_IsItsWorstCase(string step, string least, string? most)
    {
        step = step.Replace("x == 1", "steps.a.ok", StringComparison.Ordinal);
        var review = Diagnose($"name: w\nsteps:\n  - id: a\n    uses: llm.chat\n    {step}\n", Sight(Priced))
            .Review!;
        Assert.Equal((decimal.Parse(least), most is null ? null : decimal.Parse(most)),
            (review.Cost.Least, review.Cost.Most));
        Assert.Equal(most is null, review.MostUsd is null);
    }

    [Fact]
    public void Cap_BoundsWhatThePlanDoesNot()
    {
        var review = Diagnose("""
            name: w
            policy: { max_cost_usd: 2 }
            steps:
              - { id: a, uses: llm.chat, with: { prompt: abcd } }
              - { id: b, uses: plan.extend, with: { steps: [] } }
            """, Sight(Priced)).Review!;
        Assert.Equal((null, 2m), (review.Cost.Most, review.MostUsd));
    }

    [Theory]
    [InlineData("{ prompt: x, provider: house, model: other }", "4:73 1180")]
    [InlineData("{ prompt: x, model: other }", "4:56 1180")]
    public void UnknownPrice_UnderACap_IsAnErrorAtItsPlace(string with, string place)
    {
        var yaml = "name: w\npolicy: { max_cost_usd: 1 }\nsteps:\n"
            + $"  - {{ id: a, uses: llm.chat, with: {with} }}\n";
        var error = Assert.Single(Diagnose(yaml, Sight(Priced)).Errors);
        Assert.Equal(place, $"{error.At.Line}:{error.At.Column} {error.Error.Code["AEGIS".Length..]}");
        Assert.Equal("1180", Assert.Single(Diagnose(yaml, ModelSight.Unknown).Errors)
            .Error.Code["AEGIS".Length..]);
        Assert.NotNull(Diagnose(yaml.Replace("policy: { max_cost_usd: 1 }", "", StringComparison.Ordinal),
            Sight(Priced)).Review);
    }

    [Fact]
    public void Rehearsal_StatesItsCost()
    {
        const string Yaml = "name: w\npolicy: { max_cost_usd: 1 }\nsteps:\n"
            + "  - { id: a, uses: llm.chat, with: { prompt: Resume issue, model: nobody }, retry: 1 }\n";
        var sight = new ModelSight(Profile.Empty with { Rehearsal = "r" }, RehearsalFile.Parse("""
            origin: scripted
            turns:
              - { match: { contains: other }, reply: r, cost_usd: 9 }
              - { match: { contains: issue }, reply: r, cost_usd: 0.25 }
            """, "r").Value, ModelCatalogue.None);
        var review = Diagnose(Yaml, sight).Review!;
        Assert.Equal((0.25m, 0.5m), (review.Cost.Least, review.Cost.Most));
        var dear = Assert.Single(Diagnose(Yaml.Replace("issue", "other", StringComparison.Ordinal), sight)
            .Errors);
        Assert.Equal((2, 25, "AEGIS1181"), (dear.At.Line, dear.At.Column, dear.Error.Code));
    }

    [Fact]
    public void Commands_AndHosts_AreJudgedWhereTheyAreConstant()
    {
        var review = Diagnose("""
            name: w
            policy: { allow_commands: [make, git push], egress_allow: [api.example.com] }
            steps:
              - { id: ok, uses: shell.exec, with: { cmd: make all } }
              - { id: no, uses: shell.exec, with: { cmd: rm -rf x } }
              - { id: ask, uses: shell.exec, with: { cmd: git push --force } }
              - { id: guard, uses: shell.exec, with: { cmd: make SHELL=x } }
              - { id: later, uses: shell.exec, with: { cmd: "make ${{ inputs.v }}" } }
              - { id: near, uses: http.fetch, with: { url: "https://api.example.com/x" } }
              - { id: far, uses: http.fetch, with: { url: "https://example.org/x" } }
              - { id: soon, uses: http.fetch, with: { url: "https://${{ inputs.v }}/x" } }
            inputs: { v: {} }
            """, ModelSight.Unknown).Review!;
        Assert.Equal(["Allow", "Deny", "Ask", "Deny", null],
            review.Steps.Take(5).Select(s => s.Decision?.ToString()));
        Assert.Equal(["egress_allow: api.example.com", "egress_allow", null],
            review.Steps.Skip(5).Select(s => s.Arguments.Verdict?.Rule));
        Assert.Equal(["no", "guard", "far"],
            review.Steps.Where(s => s.Decision == Decision.Deny).Select(s => s.Task.StepId));
    }

    [Fact]
    public void Profile_AndTiers_AreAskedAsTheGateAsks()
    {
        const string workflow = """
            name: w
            policy: { allow_commands: [git] }
            inputs: { b: {} }
            steps:
              - { id: read, uses: shell.exec, with: { cmd: git status } }
              - { id: log, uses: shell.exec, with: { cmd: git log } }
              - { id: main, uses: git.push, with: { branch: main } }
              - { id: dev, uses: git.push, with: { branch: dev } }
              - { id: any, uses: git.push, with: { branch: "${{ inputs.b }}" } }
              - { id: fetch, uses: http.fetch, with: { url: "https://a.b/" } }
              - { id: spawn, uses: process.spawn, with: { name: a, command: git, args: [-c, a=b, log] } }
            """;
        var sight = Sight("""
            policies:
              tools_allowed: [shell, git, process]
              rules:
                - { id: main, tools: git.push, where: { branch: main }, decision: deny, reason: by requests }
                - { id: look, command: git status, decision: ask, reason: look }
            """);
        var free = new TierGrant(TierBook.BuiltIn.Tiers["gratis"], "tenant acme");
        var review = PlanDiagnosis.Of(Encoding.UTF8.GetBytes(workflow), "w.yaml", ToolFacts.BuiltIn, sight,
            null, [free]).Review!;
        Assert.Equal(
            [
                ("read", Decision.Ask, "AEGIS2505", ""), ("log", Decision.Deny, "AEGIS2506", ""),
                ("main", Decision.Deny, "AEGIS2504", ""), ("dev", Decision.Allow, null, ""),
                ("any", Decision.Allow, null, "main"), ("fetch", Decision.Deny, "AEGIS2502", ""),
                ("spawn", Decision.Deny, "AEGIS1141", ""),
            ],
            review.Steps.Select(s => (s.Task.StepId, s.Decision!.Value,
                (s.ToolRefusal ?? s.Arguments.Verdict!.Error)?.Code, string.Join(',', s.Arguments.Later))));
    }

    [Theory]
    [InlineData("uses: shell.exce", "1024", "did you mean shell.exec?")]
    [InlineData("uses: noop", "1024", "did you mean flow.noop?")]
    [InlineData("uses: shell.exec, with: { cmd: ls, cwdd: x }", "1182", "did you mean cwd?")]
    [InlineData("uses: shell.exec, with: { cwd: /work }", "1183", "add cmd to with")]
    public void Tools_AreKnownWithoutAServer(string step, string code, string mend)
    {
        var error = Assert.Single(Diagnose($"name: w\nsteps:\n  - {{ id: a, {step} }}\n", ModelSight.Unknown)
            .Errors);
        Assert.Equal(("AEGIS" + code, mend), (error.Error.Code, error.Error.Mend));
    }

    private static ModelSight Sight(string profile) =>
        new(ProfileParser.Parse(profile, "p").Value, null, ModelCatalogue.None);

    private static PlanDiagnosis Diagnose(string yaml, ModelSight sight) =>
        PlanDiagnosis.Of(Encoding.UTF8.GetBytes(yaml), "w.yaml", ToolFacts.BuiltIn, sight);
}
