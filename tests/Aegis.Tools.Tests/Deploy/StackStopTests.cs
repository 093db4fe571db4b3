using System.Text.Json;
using Aegis.Core;
using Aegis.Core.Deployments.Stacks;
using Aegis.Gate;
using Aegis.Ledger.Stacks;
using Aegis.Tests.Shared;
using Aegis.Tools.Deploy.Stacks;

namespace Aegis.Tools.Tests.Deploy;

/// <summary>An apply whose time is over: the program is asked to end, and killed where it does not.</summary>
public sealed class StackStopTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private static readonly object Secret = new { password = "canary" };

    [Theory]
    [MemberData(nameof(StackGates.Found), MemberType = typeof(StackGates))]
    public async Task TimeLimit_InterruptsTheProgram_WhichWritesDownWhatItMade(string program)
    {
        var clock = new ManualClock();
        await using var stand = await Stand.OpenAsync(ledger, $"limit-{program}", program, clock);
        var applying = stand.ApplyAsync();
        await stand.Gates.ReachedAsync();
        clock.Advance(TimeSpan.FromMinutes(1));
        var result = await applying;
        Assert.Equal("AEGIS2683", result.Error?.Code);
        Assert.Contains("stopped at its time limit", result.Error!.Message);
        Assert.Equal("apply, which was stopped", (await stand.StatesAsync())[0].Note);
        // b was under way: only at an interrupt does the program say that it is there
        Assert.StartsWith("1 to add, 0 to change, 1 to destroy\n-/+ terraform_data.b",
            (await stand.PlanAsync()).GetProperty("changes").GetString());
    }

    [Fact]
    public async Task Program_ThatDoesNotEnd_IsKilled_AndWhatItHadWrittenIsKept()
    {
        var clock = new ManualClock();
        await using var stand = await Stand.OpenAsync(ledger, "stubborn", "tofu", clock, stubborn: true);
        using var cancel = new CancellationTokenSource();
        var applying = stand.ApplyAsync(cancel.Token);
        await stand.Gates.ReachedAsync();
        await ledger.UntilAsync<string>("SELECT note FROM stack_files WHERE name = 'stubborn' "
            + "AND kind = 'state' AND note = 'while it was applied'");
        await cancel.CancelAsync();
        clock.Advance(TimeSpan.FromSeconds(StackLimits.StopSeconds) - TimeSpan.FromTicks(1));
        Assert.False(applying.IsCompleted);
        clock.Advance(TimeSpan.FromTicks(1));
        var result = await applying;
        Assert.Equal("AEGIS2683", result.Error?.Code);
        Assert.Contains($"had not ended {StackLimits.StopSeconds} s after", result.Error!.Got);
        Assert.Equal("while it was applied", (await stand.StatesAsync())[0].Note);
        Assert.Equal("1 to add, 0 to change, 0 to destroy\n+ terraform_data.b",
            (await stand.PlanAsync()).GetProperty("changes").GetString());
    }

    /// <summary>A stack whose b is held up while it is made, planned and ready to be applied.</summary>
    private sealed class Stand : IAsyncDisposable
    {
        private readonly string name;
        private readonly string program;
        private readonly StackBench bench;
        private readonly DeployTerraform tool;
        private readonly object vars;
        private JsonElement plan;

        private Stand(
            string name, string program, StackBench bench, StackGates gates, TimeProvider time, object vars)
        {
            (this.name, this.program, this.bench, Gates) = (name, program, bench, gates);
            (tool, this.vars) = (new DeployTerraform(time), vars);
        }

        public StackGates Gates { get; }

        public static async Task<Stand> OpenAsync(LedgerFixture ledger, string name, string program,
            TimeProvider time, bool stubborn = false)
        {
            var gates = new StackGates();
            var bench = await StackBench.OpenAsync(ledger, new Tenancy("acme", name), gates);
            var stand = new Stand(name, program, bench, gates, time,
                stubborn ? new { stubborn = "1" } : new { });
            await bench.StepAsync("write", (new Aegis.Tools.Files.FileWrite(),
                new { path = "infra/main.tf.json", content = gates.Project("b") }));
            stand.plan = await stand.PlanAsync("plan");
            return stand;
        }

        public Task<ToolResult> ApplyAsync(CancellationToken cancel = default)
        {
            bench.CancelBy(cancel);
            return bench.StepAsync("apply", (tool, new
            {
                name, program, action = "apply", minutes = 1, vars, secret_vars = Secret,
                plan = plan.GetProperty("plan").GetString(),
                changes = plan.GetProperty("changes").GetString(),
            }));
        }

        public Task<JsonElement> PlanAsync(string step = "again")
        {
            bench.CancelBy(default);
            return bench.DoneAsync(step, tool,
                new { name, program, action = "plan", vars, secret_vars = Secret });
        }

        public async Task<IReadOnlyList<StackFile>> StatesAsync()
        {
            var keys = (await bench.Ledger.Tenants.ResolveAsync(bench.Tenancy, default))!.Value;
            return await bench.Vault.ListAsync(keys, name, StackFile.State, default);
        }

        public async ValueTask DisposeAsync()
        {
            await bench.DisposeAsync();
            Gates.Dispose();
        }
    }
}
