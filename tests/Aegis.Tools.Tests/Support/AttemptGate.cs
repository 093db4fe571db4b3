using System.Text.Json;
using Aegis.Gate;
using Aegis.Gate.Logs;
using Aegis.Gate.Redaction;
using Aegis.Processes;
using Aegis.Sandbox;

namespace Aegis.Tools.Tests.Support;

/// <summary>The product's own Execution: gate, sandbox with all its walls, overlay workspaces,
/// launcher.</summary>
public sealed class AttemptGate : IAsyncDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("aegis-real-").FullName;
    private readonly ProcessLauncher launcher = new();
    private SandboxRunner sandbox = null!;
    private Workspaces workspaces = null!;
    private ExecutionFactory factory = null!;

    /// <summary>Everything that it writes is below.</summary>
    public string Root => root;

    /// <summary>Interrupts calls.</summary>
    public CancellationToken Cancel { get; set; }

    public static async Task<AttemptGate> OpenAsync(Func<ExecutionParts, ExecutionParts>? change = null,
        SandboxOptions? options = null)
    {
        var gate = new AttemptGate();
        gate.sandbox = await SandboxRunner.CreateAsync(options ?? new SandboxOptions(), gate.launcher);
        gate.workspaces = new Workspaces(gate.Folder("workspaces"), gate.sandbox);
        var means = new ExecutionOptions(gate.Folder("scratch"), [],
            System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty,
                SandboxLimits.Default, () => null, _ => "",
            []);
        // no tool here asks a model, so no profile is looked up
        var parts = new ExecutionParts(gate.sandbox, gate.launcher,
            new CallLogs(gate.Folder("logs")), null!, new HttpClient(), means, Redactor.None);
        gate.factory = new ExecutionFactory(change?.Invoke(parts) ?? parts);
        return gate;
    }

    /// <summary>Runs tools one after the other in one attempt and seals it; the layer is for the next
    /// step.</summary>
    public async Task<(string Layer, List<ToolResult> Results)> AttemptAsync(
        CallContext context, string[] layers,
        params (Tool Tool, object Input)[] calls)
    {
        var workspace = await workspaces.OpenAsync(
            context.Run.Value, [.. layers], context.StepId, context.Attempt);
        var results = new List<ToolResult>();
        foreach (var (tool, input) in calls)
        {
            results.Add(await CallAsync(context with { Workspace = workspace }, tool, input));
        }
        return ((await workspaces.SealAsync(workspace)).LayerId!, results);
    }

    /// <summary>Removes a run's layers, whatever uid they belong to.</summary>
    public static async Task DeleteRunAsync(string workspaces, string run)
    {
        await using var gate = await OpenAsync();
        await new Workspaces(workspaces, gate.sandbox).DeleteRunAsync(run);
    }

    /// <summary>One call by itself.</summary>
    public async Task<ToolResult> CallAsync(CallContext context, Tool tool, object input)
    {
        var json = JsonSerializer.SerializeToElement(input);
        await using var execution = await OpenAsync(context, tool, json);
        return await tool.InvokeAsync(json, execution, Cancel);
    }

    /// <summary>Asks a tool what became of a call.</summary>
    /// <param name="layers">What the call's workspace stood on; null for a call without one.</param>
    public async Task<ProbeResult> ProbeAsync(
        CallContext context, Tool tool, object input, string[]? layers = null)
    {
        var json = JsonSerializer.SerializeToElement(input);
        var workspace = layers is null ? null : await workspaces.OpenAsync(
            context.Run.Value, [.. layers], $"{context.StepId}-probe", context.Attempt);
        await using var execution = await OpenAsync(context with { Workspace = workspace }, tool, json);
        return await tool.ProbeAsync(json, execution, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await workspaces.DeleteRunAsync("run_1");
        await sandbox.DisposeAsync();
        launcher.Dispose();
        Directory.Delete(root, recursive: true);
    }

    private ValueTask<GateExecution> OpenAsync(CallContext context, Tool tool, JsonElement input) =>
        factory.OpenAsync(new GateCall(tool.Descriptor.Name, input, context), tool.Descriptor,
            CancellationToken.None);

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(root, name)).FullName;
}
