using System.Net.Http.Json;
using System.Text.Json;
using Aegis.Tools.Tests.Forge.Remote;

namespace Aegis.Tools.Tests.Deploy;

/// <summary>Runs that plan and apply stacks, by the doors of a server.</summary>
internal sealed class StackRuns(ServerProcess server)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    /// <summary>A run that writes a project, plans and applies it; the apply asks.</summary>
    public async Task<string> StartAsync(string stack, string program, string project, object? apply = null)
    {
        object With(string action, object more) => Merged(
            new { name = stack, program, action, secret_vars = new { password = "canary" } }, more);
        return await RunAsync(new { name = "stack", steps = Steps(project, With, apply) });
    }

    /// <summary>Steps that write a project, plan it and apply that plan.</summary>
    /// <param name="with">The arguments of an action, and more.</param>
    public static object[] Steps(string project, Func<string, object, object> with, object? apply = null) =>
    [
        new { id = "write", uses = "file.write",
            with = new { path = "infra/main.tf.json", content = project } },
        new { id = "plan", uses = "deploy.terraform", needs = new[] { "write" },
            with = with("plan", new { }) },
        new { id = "apply", uses = "deploy.terraform", needs = new[] { "plan" },
            with = with("apply", Merged(new
            {
                plan = "${{ steps.plan.outputs.plan }}",
                changes = "${{ steps.plan.outputs.changes }}",
            }, apply ?? new { })) },
    ];

    public async Task<string> RunAsync(object workflow)
    {
        var plan = await PostAsync("v1/plans:create", new { workflow = JsonSerializer.Serialize(workflow) });
        var run = await PostAsync($"v1/plans/{plan.GetProperty("plan_id").GetString()}:run", new { });
        return run.GetProperty("run_id").GetString()!;
    }

    /// <summary>Approves the apply once it asks; answers with the words that a human was shown.</summary>
    public async Task<string> ApproveAsync(string run)
    {
        var facts = await UntilAsync(run, "ApprovalRequested");
        await PostAsync($"v1/approvals/{run}.apply:grant", new { });
        var planned = facts.Last(f => Type(f) == "TaskCompleted" && Step(f) == "plan");
        return planned.GetProperty("payload").GetProperty("outputs").GetProperty("changes").GetString()!;
    }

    /// <summary>The facts of a run up to the first of a type; it must come.</summary>
    public async Task<List<JsonElement>> UntilAsync(string run, string type)
    {
        var facts = await ReadAsync(run, type);
        Assert.True(facts.Count > 0 && Type(facts[^1]) == type,
            string.Join('\n', facts.TakeLast(5).Select(f => f.GetRawText())));
        return facts;
    }

    public Task<List<JsonElement>> EndedAsync(string run) => ReadAsync(run, null);

    public async Task<JsonElement> PostAsync(string path, object body)
    {
        using var answer = await server.Http.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {text}");
        return text.Length > 0 ? JsonElement.Parse(text) : default;
    }

    public async Task PutAsync(string path, object body)
    {
        using var answer = await server.Http.PutAsJsonAsync(path, body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async Task<JsonElement> GetAsync(string path) =>
        await server.Http.GetFromJsonAsync<JsonElement>(path);

    public static string? Type(JsonElement fact) => fact.GetProperty("type").GetString();

    public static string? Step(JsonElement fact) =>
        fact.GetProperty("payload").TryGetProperty("step_id", out var step) ? step.GetString() : null;

    /// <summary>Of the last fact of a type about the apply.</summary>
    public static JsonElement Of(List<JsonElement> facts, string type, string step = "apply")
    {
        var found = facts.LastOrDefault(f => Type(f) == type && Step(f) == step);
        Assert.True(found.ValueKind == JsonValueKind.Object, $"no {type} of {step} in\n"
            + string.Join('\n', facts.TakeLast(5).Select(f => f.GetRawText())));
        return found.GetProperty("payload");
    }

    private async Task<List<JsonElement>> ReadAsync(string run, string? type)
    {
        using var limit = new CancellationTokenSource(Patience);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"v1/runs/{run}/events");
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var reply = await server.Http.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        using var reader = new StreamReader(await reply.Content.ReadAsStreamAsync(limit.Token));
        var facts = new List<JsonElement>();
        while ((facts.Count == 0 || Type(facts[^1]) != type)
            && await reader.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.StartsWith("data: {\"version\"", StringComparison.Ordinal))
            {
                facts.Add(JsonElement.Parse(line[6..]));
            }
        }
        return facts;
    }

    /// <summary>The members of both.</summary>
    public static Dictionary<string, JsonElement> Merged(object one, object other) =>
        new(JsonSerializer.SerializeToElement(one).EnumerateObject()
            .Concat(JsonSerializer.SerializeToElement(other).EnumerateObject())
            .Select(m => KeyValuePair.Create(m.Name, m.Value)));
}
