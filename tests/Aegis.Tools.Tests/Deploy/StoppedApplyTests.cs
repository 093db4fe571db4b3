using System.Text.Json;
using Aegis.Tests.Shared;
using Aegis.Tools.Tests.Forge.Remote;

namespace Aegis.Tools.Tests.Deploy;

/// <summary>An apply that is under way when its run is cancelled, its step runs out of time, or its server is
/// stopped in order: the program is interrupted, and writes down what it was about to make.</summary>
[Trait("Category", "Slow")]
public sealed class StoppedApplyTests : IAsyncLifetime
{
    private readonly LedgerFixture ledger = new();

    public Task InitializeAsync() => ledger.InitializeAsync();

    public Task DisposeAsync() => ledger.DisposeAsync();

    [Theory]
    [MemberData(nameof(StackGates.Found), MemberType = typeof(StackGates))]
    public async Task Apply_ThatIsStopped_KeepsWhatWasUnderWay_AndTheNextPlanGoesOn(string program)
    {
        using var gates = new StackGates();
        var home = Directory.CreateTempSubdirectory("aegis-stopped-").FullName;
        var environment = new Dictionary<string, string>
        {
            ["AEGIS_POSTGRES"] = ledger.Url, ["AEGIS_STACK_PROGRAMS"] = gates.Folder,
        };
        var (cancelled, stopped) = ($"cancelled-{program}", $"stopped-{program}");
        string run;
        await using (var server = await ServerProcess.StartAsync(home, environment))
        {
            var doors = new StackRuns(server);
            await doors.PutAsync("v1/secrets/canary", new { value = StackBench.Canary });
            run = await HeldAsync(doors, gates, cancelled, program);
            await doors.PostAsync($"v1/runs/{run}:cancel", new { });
            var facts = await doors.EndedAsync(run);
            StackRuns.Of(facts, "TaskCancelled");
            await JudgeAsync(facts, cancelled);
            await GoOnAsync(doors, gates, cancelled, program);

            run = await HeldAsync(doors, gates, stopped, program);
            Assert.Equal(0, await server.StopAsync());
        }
        await using (var again = await ServerProcess.StartAsync(home, environment))
        {
            var doors = new StackRuns(again);
            var facts = await doors.EndedAsync(run);
            Assert.DoesNotContain(facts, f => StackRuns.Type(f) == "TaskInDoubt");
            await JudgeAsync(facts, stopped);
            await GoOnAsync(doors, gates, stopped, program);
        }
    }

    private static async Task<string> HeldAsync(
        StackRuns doors, StackGates gates, string stack, string program)
    {
        var run = await doors.StartAsync(stack, program, gates.Project("b", stack));
        await doors.ApproveAsync(run);
        await gates.ReachedAsync(stack);
        return run;
    }

    private async Task JudgeAsync(List<JsonElement> facts, string stack)
    {
        var error = StackRuns.Of(facts, "ToolReturned").GetProperty("error");
        Assert.Equal("AEGIS2683", error.GetProperty("code").GetString());
        Assert.Contains("plan again", error.GetProperty("mend").GetString());
        Assert.Equal("apply, which was stopped", await ledger.ScalarAsync<string>(
            "SELECT note FROM stack_files WHERE name = $1 AND kind = 'state' ORDER BY version DESC LIMIT 1",
            stack));
        Assert.Equal("failed", await ledger.ScalarAsync<string>(
            "SELECT used FROM stack_files WHERE name = $1 AND kind = 'plan'", stack));
    }

    private static async Task GoOnAsync(StackRuns doors, StackGates gates, string stack, string program)
    {
        Assert.DoesNotContain($"stack/{stack}", (await doors.GetAsync("v1/locks")).GetRawText());
        var run = await doors.StartAsync(stack, program, gates.Project(null));
        // the program knows of b, which was being made: killed at once it would not
        Assert.StartsWith("1 to add, 0 to change, 1 to destroy\n-/+ terraform_data.b",
            await doors.ApproveAsync(run));
        StackRuns.Of(await doors.EndedAsync(run), "TaskCompleted");
    }
}
