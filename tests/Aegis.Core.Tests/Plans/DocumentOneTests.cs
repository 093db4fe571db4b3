using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Aegis.Core.Plans;

namespace Aegis.Core.Tests.Plans;

public sealed class DocumentOneTests
{
    [Fact]
    public void Compile_FeatureBranchCi_GivesItsPlanAsItStands()
    {
        var yaml = Compiling.Sample("feature-branch-ci.yaml");
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(yaml)));
        var plan = Compiling.Plan(yaml);
        Assert.Equal(
            """
            {
              "Name": "feature-branch-ci",
              "WorkflowHash": "<hash>",
              "On": ["manual", "github:pull_request.opened"],
              "Policy": {
                "AllowCommands": ["git status", "npm ci", "npm run build", "npm test"],
                "EgressAllow": ["github.com", "registry.example.org"],
                "MaxCostUsd": 2.50,
                "MaxTime": "00:30:00"
              },
              "Inputs": [],
              "Env": {},
              "Timeout": null,
              "Tasks": [
                <task 0 plan llm.chat 9 [] null
              {"provider":"blackbox","model":"o3-mini","prompt":"Resume issue y plan"}>,
                <task 1 build shell.exec 12 [0] null
              {"cmd":"npm ci && npm run build","cwd":"/work/app","pty":true,"timeout":900000}>,
                <task 2 qa qa.review 15 [1] null
              {"ruleset":"strict"}>,
                <task 3 tests tests.run 18 [2] null
              {"framework":"jest","cwd":"/work/app"}>,
                <task 4 pr repo.pr.create 21 [3] ${{ steps.tests.ok && steps.qa.ok }}
              {"title":"feat: ${context.branch}","body":"${{ steps.plan.output }}\n\nChecks: ✅ QA ✅ Tests"}>
              ]
            }
            """,
            Shown(plan).Replace(hash, "<hash>", StringComparison.Ordinal));
        Assert.Equal([true, true, true, true, false], plan.Tasks.Select(t => t.WithIsConstant));
        Assert.All(plan.Tasks, t => Assert.Equal(
            (RetrySpec.None, (TimeSpan?)null, false, 0),
            (t.Retry, t.Timeout, t.ContinueOnError, t.Env.Count)));
    }

    private static string Shown(Plan plan)
    {
        var tasks = plan.Tasks.Select(t => $"    <task {t.Index} {t.StepId} {t.Tool} {t.Line} "
            + $"[{string.Join(',', t.Needs)}] {t.If ?? "null"}\n  {t.With.GetRawText()}>");
        var policy = plan.Policy;
        return $$"""
            {
              "Name": "{{plan.Name}}",
              "WorkflowHash": "{{plan.WorkflowHash}}",
              "On": {{List(plan.On.Select(t => t.Name))}},
              "Policy": {
                "AllowCommands": {{List(policy.AllowCommands)}},
                "EgressAllow": {{List(policy.EgressAllow)}},
                "MaxCostUsd": {{policy.MaxCostUsd}},
                "MaxTime": "{{policy.MaxTime}}"
              },
              "Inputs": [{{string.Join(", ", plan.Inputs)}}],
              "Env": {{JsonSerializer.Serialize(plan.Env)}},
              "Timeout": {{plan.Timeout?.ToString() ?? "null"}},
              "Tasks": [
            {{string.Join(",\n", tasks)}}
              ]
            }
            """;
    }

    private static string List(IEnumerable<string> items) =>
        "[" + string.Join(", ", items.Select(i => $"\"{i}\"")) + "]";
}
