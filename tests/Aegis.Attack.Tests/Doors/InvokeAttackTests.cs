using System.Text.Json;
using Aegis.Attack.Tests.Support;

namespace Aegis.Attack.Tests.Doors;

/// <summary>Calls of tools that name what is another project's: in their input, beside it, and by the
/// approvals that they wait for. In a world of their own: a run that failed for a foreign name tells its own
/// project that name, which tests of lists would take for a leak.</summary>
public sealed class InvokeAttackTests(WorldFixture world) : IClassFixture<WorldFixture>
{
    private AttackFixture Server => world.Server;

    /// <summary>Each tool that takes the name of something stored: with one's own it works, with another's it
    /// comes to what a name comes to that never was.</summary>
    [Theory]
    [InlineData("artifact.get", """{"id":"artifact"}""", "artifact")]
    [InlineData("artifact.get", """{"id":"artifact","version":1,"path":"/work/x.md"}""", "artifact")]
    [InlineData("workflow.run", """{"workflow":"flow-of"}""", "flow-of")]
    [InlineData("git.clone", """{"repository":"repo","path":"/work/other"}""", "repo")]
    [InlineData("workflow.run", """{"workflow":"flow-of","repository":"repo"}""", "repo")]
    public async Task NamesOfAnothers_InTheInput_AreNamesThatNeverWere(
        string tool, string input, string attacked)
    {
        foreach (var holding in new[] { world.Attacker }.Concat(world.Victims))
        {
            var workflow = $"name: quick\non: [api]\nsteps: [{{ id: a, uses: flow.noop }}]";
            await Server.SendAsync("PUT", $"/v1/workflows/quick-{holding.Mark}", holding.Key,
                JsonSerializer.Serialize(new { workflow }));
        }
        var own = await CallAsync(tool, Input(NameOf(attacked, world.Attacker)));
        Assert.True((int)own.Status == 200 && own.Json.GetProperty("ok").GetBoolean(), own.Text);
        foreach (var name in world.Victims.Select(v => NameOf(attacked, v)))
        {
            var never = name[..^4] + "0000";
            Assert.Equal(await ErrorAsync(never), await ErrorAsync(name));
        }

        object Input(string name)
        {
            var mine = NameOf("flow-of", world.Attacker);
            var text = input.Replace($":\"{attacked}\"", $":\"{name}\"", StringComparison.Ordinal)
                .Replace(":\"flow-of\"", $":\"{mine}\"", StringComparison.Ordinal);
            return new
            {
                input = JsonElement.Parse(text), repository = world.Attacker.Ids["repo"], wait = "60s",
            };
        }

        async Task<string> ErrorAsync(string name)
        {
            var reply = await CallAsync(tool, Input(name));
            Assert.False(reply.Json.GetProperty("ok").GetBoolean(), reply.Text);
            return reply.Json.GetProperty("error").GetRawText()
                .Replace(name, "NAME", StringComparison.Ordinal);
        }
    }

    private static string NameOf(string kind, Holding of) =>
        kind == "flow-of" ? $"quick-{of.Mark}" : of.Ids[kind];

    [Fact]
    public async Task RepositoryOfAnothers_BesideTheInput_IsNone()
    {
        Assert.Equal(200, (int)(await CallAsync("flow.noop",
            new { repository = world.Attacker.Ids["repo"], wait = "60s" })).Status);
        foreach (var victim in world.Victims)
        {
            var theirs = $"{victim.Project}/{victim.Ids["repo"]}";
            foreach (var repository in new[]
                { victim.Ids["repo"], $"../{theirs}", $"../../{victim.Tenant}/{theirs}" })
            {
                Assert.Equal("AEGIS2200", (await CallAsync("flow.noop", new { repository })).Code);
            }
            // the same commit in another's repository is no commit of mine
            Assert.Equal("AEGIS2203", (await CallAsync("flow.noop",
                new { repository = world.Attacker.Ids["repo"], @ref = victim.Ids["sha"] })).Code);
        }
    }

    [Fact]
    public async Task IdsOfAnothersRuns_InMembersThatChooseOne_AreRefused()
    {
        foreach (var victim in world.Victims)
        {
            foreach (var (member, id) in new[]
            {
                ("run_id", "run"), ("run", "run"), ("approval_id", "approval"), ("approval", "approval"),
                ("call_id", "task"), ("task_id", "task"), ("parent", "run"), ("plan_id", "plan"),
            })
            {
                var reply = await CallAsync("flow.noop", new Dictionary<string, object>
                {
                    [member] = victim.Ids[id],
                });
                Assert.True((int)reply.Status == 400, $"{member}: {reply.Text}");
                Assert.DoesNotContain(victim.Mark, reply.Text, StringComparison.Ordinal);
            }
        }
    }

    /// <summary>A call that waits for a human's word is answered in its own project alone, and the word for
    /// one call is none for another.</summary>
    [Fact]
    public async Task ApprovalOfACall_IsAnsweredByItsOwnProject_AndBindsItAlone()
    {
        var asked = await CallAsync("flow.noop", new { approve = "go?", wait = "30s" });
        Assert.Equal(202, (int)asked.Status);
        var (approval, run) = (asked.Member("approval_id"), asked.Member("run_id"));
        var other = await CallAsync("flow.noop", new { approve = "go?", wait = "30s" });
        foreach (var stranger in world.Victims)
        {
            foreach (var verb in new[] { "grant", "deny" })
            {
                var foreign = await GrantAsync(approval, verb, stranger.Key);
                var never = await GrantAsync(
                    DoorAttackTests.Changed("approval", approval), verb, stranger.Key);
                Assert.Equal((404, never.Code), ((int)foreign.Status, foreign.Code));
                var theirs = await GrantAsync(stranger.Ids["approval"], verb, world.Attacker.Key);
                Assert.Equal((404, never.Code), ((int)theirs.Status, theirs.Code));
            }
        }
        var reader = await Server.KeyAsync(
            world.Attacker.Tenant, world.Attacker.Project, "runs:read", "runs:write");
        Assert.Equal(403, (int)(await GrantAsync(approval, "grant", reader)).Status);
        Assert.Equal("waiting_approval", await StepAsync(run));

        Assert.Equal(202, (int)(await GrantAsync(approval, "grant", world.Attacker.Key)).Status);
        await UntilAsync(async () => await StepAsync(run) == "succeeded");
        Assert.Equal("waiting_approval", await StepAsync(other.Member("run_id")));
        // and a word that was given is not given again
        Assert.InRange((int)(await GrantAsync(approval, "grant", world.Attacker.Key)).Status, 400, 499);
    }

    private async Task<string> StepAsync(string run)
    {
        var reply = await Server.SendAsync("GET", $"/v1/runs/{run}", world.Attacker.Key);
        return reply.Json.GetProperty("tasks")[0].GetProperty("status").GetString()!;
    }

    private Task<Reply> GrantAsync(string approval, string verb, string key) =>
        Server.SendAsync("POST", $"/v1/approvals/{approval}:{verb}", key, "{}");

    private Task<Reply> CallAsync(string tool, object body) => Server.SendAsync(
        "POST", $"/v1/tools/{tool}:invoke", world.Attacker.Key, JsonSerializer.Serialize(body));

    private async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var tries = 0; !await holds(); tries++)
        {
            Assert.True(tries < 200, "it did not come to it");
            await Server.Ledger.ExecuteAsync("SELECT pg_sleep(0.05)");
        }
    }
}
