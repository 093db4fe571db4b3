using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Deployments;
using Aegis.Core.Vaccines;
using Aegis.Gate;
using Aegis.Core.Deployments.Stacks;
using Aegis.Tools.Deploy;
using Aegis.Tools.Deploy.Stacks;
using Aegis.Tools.Vaccines;

namespace Aegis.Tools.Tests.Deploy;

/// <summary>Inputs of deployments and vaccines at each bound and one past it.</summary>
public sealed class DeployLimitTests
{
    private static readonly string[] Start = ["serve"];

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, "AEGIS2667")]
    public void Tree_IsTakenUpToTheLimit(int more, string? code) =>
        Assert.Equal(code, TreeArchive.TooLarge("/work/app", DeploymentLimits.TreeBytesMax + more)?.Code);

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, "AEGIS2684")]
    public void State_IsTakenUpToTheLimit(int more, string? code)
    {
        var order = new StackOrder("apply", "/work/infra", "net", false, null,
            ImmutableSortedDictionary<string, string>.Empty, [], null, null, TimeSpan.FromMinutes(1));
        var run = new StackRun(new CommandResult(0, false, default, default, 0, 0),
            ImmutableDictionary<string, byte[]>.Empty.Add("state",
                new byte[StackLimits.StateBytesMax + more]),
            false);
        Assert.Equal(code, run.Fault(StackProgram.Terraform, order)?.Code);
        Assert.Equal("AEGIS2684", (run with { TooLong = true }).Fault(StackProgram.Terraform, order)?.Code);
    }

    public static TheoryData<string, Tool, Func<int, object>, int> Bounds => new()
    {
        {
            "start", new DeployProcess(), n => new { name = "a", start = Enumerable.Repeat("w", n) },
            DeploymentLimits.WordsMax
        },
        {
            "memory_mb", new DeployProcess(), n => new { name = "a", start = Start, memory_mb = n },
            DeploymentLimits.MemoryMbMax
        },
        {
            "keep", new DeployProcess(), n => new { name = "a", start = Start, keep = n },
            DeploymentLimits.KeptMax
        },
        {
            "start_seconds", new DeployProcess(), n => new { name = "a", start = Start, start_seconds = n },
            DeploymentLimits.StartSecondsMax
        },
        {
            "settle_seconds", new DeployProcess(), n => new { name = "a", start = Start, settle_seconds = n },
            DeploymentLimits.SettleSecondsMax
        },
        {
            "services", new DeployProcess(), n => new { name = "a", services = Services(n) },
            DeploymentLimits.ServicesMax
        },
        {
            "keep", new DeployStatic(), n => new
            {
                name = "a", endpoint = "https://s3.example", bucket = "site", keep = n,
                credentials = new { access_key = "a", secret_key = "b" },
            }, DeploymentLimits.KeptMax
        },
        {
            "minutes", new DeployTerraform(), n => new { name = "a", action = "plan", minutes = n },
            StackLimits.MinutesMax
        },
        {
            "changes", new DeployPulumi(), n => new
                { name = "a", action = "apply", plan = new string('0', 64), changes = new string('c', n) },
            StackLimits.SummaryCharsMax
        },
        {
            "vars", new DeployTerraform(), n => new { name = "a", action = "plan", vars = Variables(n - 1),
                secrets = new { AWS_ACCESS_KEY_ID = "key" } }, StackLimits.VariablesMax
        },
        {
            // the variable of the port counts too
            "env", new DeployProcess(), n => new { name = "a", start = Start, env = Variables(n - 1) },
            DeploymentLimits.VariablesMax
        },
        {
            "query", new VaccineSearchTool(), n => new { query = new string('q', n) },
            VaccineLimits.QueryCharsMax
        },
        {
            "budget_tokens", new VaccineSearchTool(), n => new { query = "q", budget_tokens = n },
            VaccineLimits.BudgetTokensMax
        },
        {
            "reason", new VaccineReportTool(),
            n => new { vaccine_id = "vac_01jd9t8w5c3n6k1m0q7xh2v4zb", reason = new string('r', n) },
            VaccineLimits.ReasonCharsMax
        },
    };

    [Theory]
    [MemberData(nameof(Bounds))]
    public void Input_AtTheLimitAndOnePast(string what, Tool tool, Func<int, object> input, int most)
    {
        var fine = tool.Check(JsonSerializer.SerializeToElement(input(most)));
        Assert.True(fine is null, $"{what}: {fine}");
        var refused = tool.Check(JsonSerializer.SerializeToElement(input(most + 1)));
        Assert.True(refused?.Code == "AEGIS2001", $"{what}: {refused}");
    }

    private static IEnumerable<object> Services(int count) =>
        Enumerable.Range(0, count).Select(i => new { name = $"s{i}", route = $"/{i}" });

    private static Dictionary<string, string> Variables(int count) =>
        Enumerable.Range(0, count).ToDictionary(i => $"V{i}", _ => "x");
}
