using System.Diagnostics;
using System.Text.Json;
using Aegis.Durability.Product;
using Aegis.Tests.Shared;
using Aegis.Tools.Tests.Forge.Remote;
using Npgsql;

namespace Aegis.Tools.Tests.Deploy;

/// <summary>The product as it is shipped, killed in the middle of an apply, at four points; then started
/// again.</summary>
[Trait("Category", "Slow")]
public sealed class KilledApplyTests : IAsyncLifetime
{
    private readonly LedgerFixture ledger = new();

    // the tables of all the clones have the same numbers, and pg_locks shows those of every database
    private const string NotGranted = """
        NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """;

    private const string WaitsFor = $"""
        SELECT pid FROM pg_locks WHERE {NotGranted} AND relation = to_regclass($1) LIMIT 1
        """;

    public Task InitializeAsync() => ledger.InitializeAsync();

    public Task DisposeAsync() => ledger.DisposeAsync();

    [Theory]
    [MemberData(nameof(StackGates.Found), MemberType = typeof(StackGates))]
    public async Task KilledServer_LeavesNoProgram_AppliesNothingTwice_AndTheNextPlanGoesOn(string program)
    {
        using var gates = new StackGates();
        var home = Directory.CreateTempSubdirectory("aegis-apply-").FullName;
        var environment = new Dictionary<string, string>
        {
            ["AEGIS_POSTGRES"] = ledger.Url, ["AEGIS_STACK_PROGRAMS"] = gates.Folder,
        };
        string Stack(string point) => $"{point}-{program}";
        var runs = new Dictionary<string, string>();
        foreach (var point in new[] { "before", "middle", "unsaved", "told" })
        {
            await using var server = await ServerProcess.StartAsync(home, environment);
            await new StackRuns(server).PutAsync("v1/secrets/canary", new { value = StackBench.Canary });
            runs[point] = await KillAsync(server, gates, point, Stack(point), program, home);
        }

        await using var again = await ServerProcess.StartAsync(home, environment);
        var doors = new StackRuns(again);
        foreach (var point in new[] { "before", "middle", "unsaved" })
        {
            var doubt = StackRuns.Of(await doors.UntilAsync(runs[point], "TaskInDoubt"), "TaskInDoubt");
            Assert.Contains("was applying the plan", doubt.GetProperty("why").GetString());
            Assert.Contains(point == "before" ? "the state is none yet" : "the state is 1",
                doubt.GetProperty("why").GetString());
        }
        // a human who would have it done once more: that plan is used up
        await doors.PostAsync($"v1/runs/{runs["before"]}/tasks/apply:resolve", new { answer = "retry" });
        await doors.PostAsync($"v1/runs/{runs["middle"]}/tasks/apply:resolve", new { answer = "retry" });
        await doors.PostAsync($"v1/runs/{runs["unsaved"]}/tasks/apply:resolve", new { answer = "fail" });
        foreach (var point in new[] { "before", "middle" })
        {
            Assert.Equal("AEGIS2682", StackRuns.Of(await doors.EndedAsync(runs[point]), "TaskFailed")
                .GetProperty("error").GetProperty("code").GetString());
        }
        await doors.EndedAsync(runs["unsaved"]);
        // all was applied, and that alone was not told: it is found out, with the outputs
        var told = StackRuns.Of(await doors.EndedAsync(runs["told"]), "TaskCompleted").GetProperty("outputs");
        var values = told.GetProperty("values");
        Assert.Equal(("one", "(sensitive)", "db"),
            (values.GetProperty("plain").GetString(), values.GetProperty("secret").GetString(),
            told.GetProperty("saved")[0].GetString()));
        Assert.Contains("\"db\"", (await doors.GetAsync("v1/secrets")).GetRawText());

        var changes = await Task.WhenAll(runs.Keys.Select(point => GoOnAsync(doors, Stack(point), program,
            gates.Project(null))));
        Assert.Equal("2 to add, 0 to change, 0 to destroy\n+ terraform_data.a\n+ terraform_data.b",
            changes[0]);
        foreach (var left in changes[1..3])
        {
            // the first was known; the second is made, or made anew
            Assert.DoesNotContain("terraform_data.a", left);
            Assert.Contains("terraform_data.b", left);
        }
        Assert.StartsWith("0 to add, 0 to change, 0 to destroy", changes[3]);
        Assert.Empty(Disk(StackBench.Canary, home));
    }

    /// <summary>Applies up to a point, and kills the server there.</summary>
    private async Task<string> KillAsync(ServerProcess server, StackGates gates, string point, string stack,
        string program, string home)
    {
        var doors = new StackRuns(server);
        var run = await doors.StartAsync(stack, program, gates.Project(point == "before" ? "a" : "b", stack),
            new { save_outputs = new { secret = "db" } });
        await doors.ApproveAsync(run);
        await gates.ReachedAsync(stack);
        if (point != "before")
        {
            await ledger.UntilAsync<int>(
                "SELECT version FROM stack_files WHERE name = $1 AND note = 'while it was applied'", stack);
        }
        var tree = ProcessTable.DescendantsOf(server.Pid);
        var handles = tree.ToDictionary(p => p, p => Posix.Open(p.Pid));
        Assert.Contains(tree, p => p.Command == program);
        if (point is "before" or "middle")
        {
            await server.KillAsync();
        }
        else
        {
            await KillAtTheEndAsync(server, gates, point, stack,
                handles.Where(h => h.Key.Command == program).Select(h => h.Value));
        }
        // nothing that the server had started lives on
        Assert.All(handles.Where(h => point is "before" or "middle" || h.Key.Command != program), h =>
            Assert.True(Posix.WaitEnded(h.Value, TimeSpan.FromSeconds(30)), $"{h.Key} lives"));
        Assert.Empty(Disk(StackBench.Canary, home));
        // what the program itself left in its workspace is seen by such a look
        Assert.NotEmpty(Disk(StackGates.Mark, home));
        return run;
    }

    /// <summary>The program ends; what comes of it waits for a table that somebody holds.</summary>
    private async Task KillAtTheEndAsync(ServerProcess server, StackGates gates, string point, string stack,
        IEnumerable<int> programs)
    {
        var table = point == "unsaved" ? "stack_files" : "events";
        await using var connection = await ledger.Super.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await ExecuteAsync(connection, $"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE");
        await gates.LetGoAsync(stack);
        Assert.All(programs, p => Assert.True(Posix.WaitEnded(p, TimeSpan.FromMinutes(1))));
        if (point == "told")
        {
            await ledger.UntilAsync<string>(
                "SELECT used FROM stack_files WHERE name = $1 AND kind = 'plan' AND used = 'done'", stack);
        }
        await ledger.UntilAsync<int>(WaitsFor, table);
        await server.KillAsync();
        // what the dead server had asked for is not done after all
        await ExecuteAsync(connection, $"SELECT pg_terminate_backend(pid) FROM pg_locks WHERE {NotGranted} "
            + $"AND relation = to_regclass('{table}')");
        await transaction.RollbackAsync();
    }

    /// <summary>A run after all that: what it plans; it applies that, and comes to its end.</summary>
    private static async Task<string> GoOnAsync(
        StackRuns doors, string stack, string program, string project)
    {
        var run = await doors.StartAsync(stack, program, project);
        var changes = await doors.ApproveAsync(run);
        var facts = await doors.EndedAsync(run);
        Assert.Equal("one", StackRuns.Of(facts, "TaskCompleted").GetProperty("outputs").GetProperty("values")
            .GetProperty("plain").GetString());
        return changes;
    }

    /// <summary>Files with a word, of the home, whoever they belong to, and of the ledger.</summary>
    private List<string> Disk(string word, string home)
    {
        var start = new ProcessStartInfo("sh", ["-c", """
            if unshare -r --map-auto true 2>/dev/null; then set -- unshare -r --map-auto grep "$@"
            else set -- grep "$@"; fi
            exec "$@"
            """, "sh", "-rlasF", "--", word, home, Path.GetDirectoryName(ledger.Home)!])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        return [.. process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
