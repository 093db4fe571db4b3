using System.Text.Json;
using Aegis.Core;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests.Support;

/// <summary>A project of its own in which a sample of the assembly line is played.</summary>
internal sealed class LineDesk
{
    private readonly RealServer server;

    private LineDesk(RealServer server, string project, string key) =>
        (this.server, Project, Key) = (server, project, key);

    /// <summary>The folder of the samples.</summary>
    public static string Samples { get; } = Path.Combine(
        Path.GetFullPath(Path.Combine(NodeProgram.Folder, "..", "..")), "samples");

    public string Project { get; }

    public string Key { get; }

    public static async Task<LineDesk> OpenAsync(RealServer server, string sample)
    {
        var project = $"line{Guid.NewGuid():N}"[..12];
        await server.ProjectAsync(new Tenancy("acme", project));
        var key = (await server.MakeKeyAsync(new Tenancy("acme", project))).Secret;
        var desk = new LineDesk(server, project, key);
        await desk.DoAsync("profile", "set", Path.Combine(sample, "profile.yaml"),
            Path.Combine(sample, "rehearsal.yaml"));
        return desk;
    }

    /// <summary>Starts the line; the run and the repository that it works on.</summary>
    public async Task<(string Run, string Repository)> BeginAsync(
        string objective, object inputs, string? repository = null)
    {
        var (status, made, _) = await server.SendAsync("POST", "/v1/plans:create",
            JsonSerializer.Serialize(new { objective, inputs, repository }), Key);
        Assert.True((int)status == 201, made.GetRawText());
        return (made.GetProperty("run_id").GetString()!, made.GetProperty("repository").GetString()!);
    }

    /// <summary>The events of a run of the line that was waited for.</summary>
    public async Task<IReadOnlyList<JsonElement>> PlayAsync(
        string objective, object inputs, string? repository = null) =>
        await server.EndedAsync((await BeginAsync(objective, inputs, repository)).Run, Key);

    public async Task<string> DoAsync(params string[] words)
    {
        var (exit, output, error) = await server.AegisAsync(words, Key);
        Assert.True(exit == 0, $"{string.Join(' ', words)}: {output}{error}");
        return output;
    }

    public static IEnumerable<JsonElement> Of(IEnumerable<JsonElement> events, string type) =>
        events.Where(e => e.GetProperty("type").GetString() == type).Select(e => e.GetProperty("payload"));

    public static string Step(JsonElement payload) => payload.GetProperty("step_id").GetString()!;

    /// <summary>The outputs of a run that ended well; else what failed in it.</summary>
    public static JsonElement Outputs(IReadOnlyList<JsonElement> events)
    {
        var end = events[^1];
        Assert.True(end.GetProperty("type").GetString() == "PlanCompleted",
            string.Join('\n', Of(events, "TaskFailed").Append(end).Select(e => e.GetRawText())));
        return end.GetProperty("payload").GetProperty("outputs");
    }
}
