using System.Text.Json;
using Aegis.Core;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests;

/// <summary>A task of the assembly line whose agent says three times that it is done and is not. Only the
/// words are scripted.</summary>
[Collection(RealServerGroup.Name)]
public sealed class AssemblyLineTests(RealServer server) : IAsyncLifetime
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(NodeProgram.Folder, "..", ".."));
    private static readonly string Sample = Path.Combine(Root, "samples", "line", "asks");

    private readonly string project = $"line{Guid.NewGuid():N}"[..12];
    private string key = "";

    public async Task InitializeAsync()
    {
        await server.ProjectAsync(new Tenancy("acme", project));
        key = (await server.MakeKeyAsync(new Tenancy("acme", project))).Secret;
        await DoAsync("profile", "set", Path.Combine(Sample, "profile.yaml"),
            Path.Combine(Sample, "rehearsal.yaml"));
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Task_ThatFailsThreeTimes_WaitsForAHuman_WhoseHintMends()
    {
        var run = await BeginAsync("hint");
        var asked = Of(await AskedAsync(run), "ApprovalRequested").Single();
        Assert.Contains("three tries did not pass", asked.GetProperty("message").GetString(),
            StringComparison.Ordinal);
        await DoAsync("approve", run, "ask", "--reason", "it is a sum");
        var events = await server.EndedAsync(run, key);
        var done = Of(events, "PlanCompleted").Single().GetProperty("outputs");
        Assert.Equal(("clean", 4), (done.GetProperty("build_status").GetString(),
            done.GetProperty("tries").GetInt32()));
        // one mistake, three times: one vaccine
        var vaccine = Assert.Single(JsonElement.Parse(await DoAsync("vaccines", "list", "--json"))
            .GetProperty("items").EnumerateArray(), v => v.GetProperty("scope").GetString() == "project");
        Assert.Equal(3, vaccine.GetProperty("hits").GetInt32());
        Assert.Equal(3, Of(events, "TaskFailed").Count(e =>
            e.GetProperty("step_id").GetString()!.StartsWith("tests-", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Task_ThatAHumanStops_PushesNothing()
    {
        var run = await BeginAsync("stop");
        await AskedAsync(run);
        await DoAsync("deny", run, "ask", "--reason", "not like this");
        var events = await server.EndedAsync(run, key);
        Assert.Equal("RunFailed", events[^1].GetProperty("type").GetString());
        Assert.DoesNotContain(Of(events, "TaskCompleted"),
            e => e.GetProperty("step_id").GetString() is "commit" or "push");
    }

    private async Task<string> BeginAsync(string mark)
    {
        var (status, made, _) = await server.SendAsync("POST", "/v1/plans:create",
            $$"""{"objective":"{{mark}}","inputs":{"deploy":false} }""", key);
        Assert.True((int)status == 201, made.GetRawText());
        // the line itself has no words here; what is wanted of it is its repository
        await server.EndedAsync(made.GetProperty("run_id").GetString()!, key);
        return (await DoAsync("run", Path.Combine(Root, "contracts", "workflows", "build-task.yaml"),
            "--repo", made.GetProperty("repository").GetString()!, "--input",
            $"task={await File.ReadAllTextAsync(Path.Combine(Sample, "task.json"))}", "--input",
            $"branch=try/{mark}", "--detach")).Trim();
    }

    private async Task<IReadOnlyList<JsonElement>> AskedAsync(string run) =>
        await server.EventsUntilAsync(run, key,
            e => e.Count > 0 && e[^1].GetProperty("type").GetString() == "ApprovalRequested");

    private static IEnumerable<JsonElement> Of(IEnumerable<JsonElement> events, string type) =>
        events.Where(e => e.GetProperty("type").GetString() == type).Select(e => e.GetProperty("payload"));

    private async Task<string> DoAsync(params string[] words)
    {
        var (exit, output, error) = await server.AegisAsync(words, key);
        Assert.True(exit == 0, $"{string.Join(' ', words)}: {output}{error}");
        return output;
    }
}
