using System.Text.Json;
using Aegis.Core.Plans;
using Aegis.Core.Policy;
using Aegis.Core.Policy.Tiers;
using Aegis.Gate.Admission;
using Aegis.Gate.Policies;
using Xunit.Abstractions;

namespace Aegis.Gate.Tests.Admission;

/// <summary>Listing, calling and explaining are one decision, whoever asks for whatever.</summary>
public sealed class OneDecisionTests(ITestOutputHelper output)
{
    private const int Tries = 5_000;

    private static readonly string[] Scopes =
    [
        "admin:*", "tools:*", "tools:shell", "tools:git", "tools:git.push", "tools:ping", "runs:*",
        "tools:http", "tools:",
    ];

    private static readonly string[] Profiles =
    [
        "{}", "{tools_allowed: []}", "{tools_allowed: [git, ping]}", "{tools_allowed: [shell.exec]}",
        "{tools_allowed: ['*'], rules: [{id: a, tools: git.push, decision: ask, reason: x}]}",
        "{rules: [{id: b, command: ls, decision: deny, reason: x}]}", "{rate_limits: {git: {rpm: 1}}}",
    ];

    private static readonly string[] Inputs =
    [
        "{}", """{"cmd":"ls"}""", """{"cmd":"git push --force"}""", """{"cmd":"$("}""", """{"cmd":"rm"}""",
        """{"url":"https://a.b/"}""", """{"url":"ftp://a"}""", """{"branch":"main"}""", """{"other":1}""",
    ];

    [Fact]
    public void ListCallAndExplain_NeverDisagree()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var chance = new Random(seed);
        var order = new GateOrder(NoVaccines.Instance, new RateLimiter(new StandingClock()));
        var (tiers, names) = (TierBook.BuiltIn.Tiers.Values.ToArray(), Given.Tools.Names.Order().ToArray());
        string[] byTool = ["identity", "scope", "tools_allowed"];
        var seen = new HashSet<(string?, Decision)>();
        for (var i = 0; i < Tries; i++)
        {
            var by = Given.By(chance.GetItems(Scopes, chance.Next(3)));
            var policy = Given.Policy(
                chance.GetItems(Profiles, 1)[0], "1", chance.GetItems(tiers, chance.Next(3)));
            var name = chance.Next(20) == 0 ? "nothing"
                : chance.GetItems(names, 1)[0];
            var tool = Given.Tools.Find(name);
            var call = new CallOrder(name, JsonElement.Parse(chance.GetItems(Inputs, 1)[0]), by,
                Given.Nothing with { AllowCommands = ["ls", "git *"], EgressAllow = ["a.b"] }, policy);
            var listed = order.MayCall(tool, name, by, policy) is null;
            var explained = order.Explain(tool, call);
            var looked = order.Look(tool, call);
            var made = order.Decide(tool, call);
            Assert.Equal(looked, explained.Admission);
            Assert.Equal(looked, made);
            Assert.Equal(listed, made.Denial is null || !byTool.Contains(made.Stage));
            seen.Add((made.Stage, explained.Decision));
        }
        Assert.Equal(7, seen.Count);
    }
}
