using System.Text.Json;
using Aegis.Core;
using Aegis.Core.Deployments.Stacks;
using Aegis.Gate;
using Aegis.Ledger.Stacks;
using Aegis.Tests.Shared;
using Aegis.Tools.Deploy.Stacks;

namespace Aegis.Tools.Tests.Deploy;

/// <summary>Stacks from the plan to the outputs, with real walls and a real vault: by programs that follow
/// the documented command lines, and by the real Terraform where it is installed.</summary>
public sealed class StackTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private const string File = "infra/main.tf.json";
    private static readonly DeployTerraform Tool = new();

    public static TheoryData<string> Programs => StackGates.Found;

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Stack_IsPlanned_Applied_Changed_AndDestroyed_WithoutASecretOnDisk(string program)
    {
        await using var bench = await OpenAsync($"whole-{program}");
        object secretVars = new { password = "canary" };
        var plan = await bench.DoneAsync("plan1", Tool,
            new { name = "net", action = "plan", program, secret_vars = secretVars },
            File, Project(new { a = new { input = "one" }, b = new { input = "${var.password}" } }));
        Assert.Equal((2, 0, 0), Counts(plan));
        Assert.Equal("2 to add, 0 to change, 0 to destroy\n+ terraform_data.a\n+ terraform_data.b",
            plan.GetProperty("changes").GetString());
        var done = await bench.DoneAsync("apply1", Tool,
            Apply(plan, program, secretVars, new { secret = "db" }));
        Assert.Equal((1, "one", "(sensitive)"), (State(done),
            done.GetProperty("values").GetProperty("plain").GetString(),
            done.GetProperty("values").GetProperty("secret").GetString()));
        Assert.Equal(StackBench.Canary, bench.Kept["db"]);

        // the next run finds the state, and what is as it should be is left alone
        var same = await bench.DoneAsync("plan2", Tool,
            new { name = "net", action = "plan", program, secret_vars = secretVars });
        Assert.Equal((0, 0, 0), Counts(same));
        var second = await bench.DoneAsync("plan3", Tool,
            new { name = "net", action = "plan", program, secret_vars = secretVars }, File,
            Project(new { a = new { input = "two" }, b = new { input = "${var.password}" } }));
        Assert.Equal((0, 1, 0), Counts(second));
        Assert.Contains("~ terraform_data.a (input", second.GetProperty("changes").GetString());
        await bench.DoneAsync("apply3", Tool, Apply(second, program, secretVars));
        var outputs = await bench.DoneAsync("output", Tool,
            new { name = "net", action = "output", program, secret_vars = secretVars });
        Assert.Equal("two", outputs.GetProperty("values").GetProperty("plain").GetString());

        var end = await bench.DoneAsync("plan4", Tool,
            new { name = "net", action = "plan", program, destroy = true, secret_vars = secretVars });
        Assert.Equal((0, 0, 2), Counts(end));
        await bench.DoneAsync("apply4", Tool, Apply(end, program, secretVars));
        var history = await bench.DoneAsync("history", Tool, new { name = "net", action = "history" });
        Assert.Equal("apply", history.GetProperty("states")[0].GetProperty("note").GetString());
        Assert.True(history.GetProperty("states").GetArrayLength() >= 3);
        Assert.Empty(await bench.CanariesAsync());
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Apply_OfAnythingButTheApprovedPlan_IsRefused(string program)
    {
        await using var bench = await OpenAsync($"plan-{program}");
        var plan = await PlanAsync(bench, "p1", program, "one");
        async Task RefusedAsync(string step, object input, string says)
        {
            var result = await bench.ActAsync(step, Tool, input);
            Assert.Equal("AEGIS2682", result.Error?.Code);
            Assert.Contains(says, result.Error!.Got);
        }
        var hash = plan.GetProperty("plan").GetString()!;
        await RefusedAsync("r1", Apply(plan, program) with { plan = new string('0', 64) },
            "no plan of that hash");
        await RefusedAsync("r2",
            Apply(plan, program) with { changes = "0 to add, 0 to change, 0 to destroy" },
            "not those of that plan");
        var other = await PlanAsync(bench, "p2", program, "two");
        Assert.NotEqual(hash, other.GetProperty("plan").GetString());
        await bench.DoneAsync("a2", Tool, Apply(other, program));
        // made for a stack that had no state yet
        await RefusedAsync("r3", Apply(plan, program), "the state is 1 by now");
        await RefusedAsync("r4", Apply(other, program), "by now");
        var probe = Assert.IsType<ProbeResult.Happened>(
            await bench.ProbeAsync("a2", Tool, Apply(other, program)));
        Assert.Equal((1, "two"), (State(probe.Result.Outputs!.Value),
            probe.Result.Outputs!.Value.GetProperty("values").GetProperty("plain").GetString()));
        Assert.IsType<ProbeResult.NotHappened>(await bench.ProbeAsync("r1", Tool, Apply(plan, program)));
        Assert.IsType<ProbeResult.NotHappened>(
            await bench.ProbeAsync("p1", Tool, new { name = "net", action = "plan", program }));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Apply_ThatFailsHalfWay_KeepsWhatWasMade_AsItGoesOn(string program)
    {
        await using var bench = await OpenAsync($"half-{program}");
        var plan = await bench.DoneAsync("p", Tool, new { name = "net", action = "plan", program }, File,
            Project(new
            {
                a = (object)new { input = "one" },
                b = new
                {
                    input = "two", depends_on = new[] { "terraform_data.a" },
                    // long enough that a state leaves the sandbox before the end
                    provisioner = new[] { new Dictionary<string, object> { ["local-exec"] =
                        new { command = "sleep 4; exit 7" } } },
                },
            }, withSecret: false));
        var failed = await bench.ActAsync("a", Tool, Apply(plan, program));
        Assert.Equal("AEGIS2683", failed.Error?.Code);
        var states = await HistoryAsync(bench);
        Assert.Contains("while it was applied", states);
        var left = await bench.DoneAsync("p2", Tool, new { name = "net", action = "plan", program });
        // the first stands; the second is made, or made anew
        Assert.DoesNotContain("terraform_data.a", left.GetProperty("changes").GetString());
        Assert.Contains("terraform_data.b", left.GetProperty("changes").GetString());
        var again = await bench.ActAsync("again", Tool, Apply(plan, program));
        Assert.Equal("AEGIS2682", again.Error?.Code);
    }

    [Fact]
    public async Task Restore_GoesBackToAState_AndTamperedBytesDoNotOpen()
    {
        await using var bench = await OpenAsync("restore");
        await bench.DoneAsync("a1", Tool, Apply(await PlanAsync(bench, "p1", "tofu", "one"), "tofu"));
        await bench.DoneAsync("a2", Tool, Apply(await PlanAsync(bench, "p2", "tofu", "two"), "tofu"));
        var back = await bench.DoneAsync("back", Tool, new { name = "net", action = "restore", version = 1 });
        Assert.Equal(3, State(back));
        var plan = await bench.DoneAsync("p3", Tool, new { name = "net", action = "plan" });
        Assert.Equal((0, 1, 0), Counts(plan));
        var none = await bench.ActAsync("none", Tool, new { name = "net", action = "restore", version = 9 });
        Assert.Equal("AEGIS2682", none.Error?.Code);

        // a row that says that the newest state is another one's bytes
        await ledger.ExecuteAsync("""
            UPDATE stack_files s SET blob_hash = o.blob_hash, blob_bytes = o.blob_bytes FROM stack_files o
             WHERE s.kind = 'state' AND s.version = 3 AND o.kind = 'state' AND o.version = 2
               AND s.project_key = o.project_key AND s.project_key = (
                 SELECT project_key FROM projects WHERE project_id = 'restore')
            """);
        var error = await bench.ActAsync("p4", Tool, new { name = "net", action = "plan" });
        Assert.Equal("AEGIS2684", error.Error?.Code);
    }

    [Theory]
    [InlineData(StackFile.State, StackLimits.StatesMax)]
    [InlineData(StackFile.Plan, StackLimits.PlansMax)]
    public async Task Versions_AreKeptUpToTheLimit_AndOpenAfterTheDataKeyIsRotated(string kind, int max)
    {
        var tenancy = new Tenancy($"t-{kind}", "kept");
        await using var bench = await StackBench.OpenAsync(ledger, tenancy);
        var keys = (await ledger.Tenants.ResolveAsync(tenancy, default))!.Value;
        for (var i = 0; i <= max; i++)
        {
            await bench.Vault.SealAsync(tenancy, keys, "net", new StackNote(kind, "n", "c", "key:a"),
                new[] { (byte)i }, default);
        }
        Assert.Equal(Enumerable.Range(2, max).Reverse(),
            (await bench.Vault.ListAsync(keys, "net", kind, default)).Select(f => f.Version));
        Assert.Null(await bench.Vault.OpenAsync(tenancy, keys, "net", kind, 1, default));
        var rotated = await bench.Secrets.RotateDataKeyAsync(tenancy.Tenant, "key:a", default);
        Assert.Equal(max, rotated.Resealed);
        Assert.Equal([1], await bench.Vault.OpenAsync(tenancy, keys, "net", kind, 2, default));
    }

    [Theory]
    [InlineData("init")]
    [InlineData("history")]
    public async Task Pulumi_ByItsDocumentedCommandLine(string first)
    {
        await using var bench = await OpenAsync($"pulumi-{first}");
        var tool = new DeployPulumi();
        object secretVars = new Dictionary<string, string> { ["web:password"] = "canary" };
        const string Yaml = """{"name":"web","runtime":"yaml","resources":{"a":{"type":"x:y:Z"}}}""";
        // without init the first plan makes the stack, and what it is bound to must be kept
        await bench.DoneAsync("first", tool, new { name = "prod", action = first },
            "infra/Pulumi.yaml", Yaml);
        var plan = await bench.DoneAsync("plan", tool,
            new { name = "prod", action = "plan", secret_vars = secretVars });
        Assert.Equal((1, 0, 0), Counts(plan));
        var done = await bench.DoneAsync("apply", tool, new
        {
            name = "prod", action = "apply", plan = plan.GetProperty("plan").GetString(),
            changes = plan.GetProperty("changes").GetString(), secret_vars = secretVars,
            vars = new Dictionary<string, string> { ["web:region"] = "eu it's" },
            save_outputs = new { password = "db" },
        });
        Assert.Equal((1, "eu it's", "(sensitive)"),
            (done.GetProperty("values").GetProperty("size").GetInt32(),
            done.GetProperty("values").GetProperty("region").GetString(),
            done.GetProperty("values").GetProperty("password").GetString()));
        Assert.Equal(StackBench.Canary, bench.Kept["db"]);
        var same = await bench.DoneAsync("again", tool,
            new { name = "prod", action = "plan", secret_vars = secretVars });
        Assert.Equal((0, 0, 0), Counts(same));
        Assert.Empty(await bench.CanariesAsync());
    }

    [Fact]
    public async Task Program_ThatFails_OrIsMissing_SaysSo()
    {
        await using var bench = await OpenAsync("bad");
        var bad = await bench.ActAsync("bad", Tool, new { name = "net", action = "init", program = "tofu" },
            File, "{");
        Assert.Equal("AEGIS2681", bad.Error?.Code);
        var none = await bench.ActAsync("none", Tool,
            new { name = "net", action = "plan", path = "nowhere" });
        Assert.Equal("AEGIS2111", none.Error?.Code);
        var secret = await bench.ActAsync("secret", Tool,
            new { name = "net", action = "plan", secrets = new { AWS_SECRET_ACCESS_KEY = "nothing" } });
        Assert.Equal("AEGIS2662", secret.Error?.Code);
    }

    private Task<StackBench> OpenAsync(string project) =>
        StackBench.OpenAsync(ledger, new Tenancy("acme", project));

    private static Task<JsonElement> PlanAsync(StackBench bench, string step, string program, string input) =>
        bench.DoneAsync(step, Tool, new { name = "net", action = "plan", program }, File,
            Project(new { a = new { input } }, withSecret: false));

    private static async Task<List<string?>> HistoryAsync(StackBench bench) =>
    [
        .. (await bench.DoneAsync("history", Tool, new { name = "net", action = "history" }))
            .GetProperty("states").EnumerateArray().Select(s => s.GetProperty("note").GetString()),
    ];

    private static string Project(object resources, bool withSecret = true)
    {
        var project = new Dictionary<string, object>
        {
            ["resource"] = new { terraform_data = resources },
            ["output"] = new Dictionary<string, object>
            {
                ["plain"] = new { value = "${terraform_data.a.output}" },
            },
        };
        if (withSecret)
        {
            project["variable"] = new { password = new { type = "string", sensitive = true } };
            ((Dictionary<string, object>)project["output"])["secret"] =
                new { value = "${terraform_data.b.output}", sensitive = true };
        }
        return JsonSerializer.Serialize(project);
    }

    private static ApplyInput Apply(JsonElement plan, string program, object? secretVars = null,
        object? saveOutputs = null) => new("net", "apply", program, plan.GetProperty("plan").GetString()!,
            plan.GetProperty("changes").GetString()!, secretVars ?? new { }, saveOutputs ?? new { });

    private static (int, int, int) Counts(JsonElement plan) => (plan.GetProperty("add").GetInt32(),
        plan.GetProperty("change").GetInt32(), plan.GetProperty("destroy").GetInt32());

    private static int State(JsonElement outputs) => outputs.GetProperty("state").GetInt32();

    private sealed record ApplyInput(string name, string action, string program, string plan, string changes,
        object secret_vars, object save_outputs);
}
