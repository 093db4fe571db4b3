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

    public static async Task<AttemptGate> OpenAsync()
    {
        var gate = new AttemptGate();
        gate.sandbox = await SandboxRunner.CreateAsync(new SandboxOptions(), gate.launcher);
        gate.workspaces = new Workspaces(gate.Folder("workspaces"), gate.sandbox);
        var options = new ExecutionOptions(gate.Folder("scratch"), [],
            System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty,
                SandboxLimits.Default, () => null, _ => "",
            []);
        // no tool here asks a model, so no profile is looked up
        gate.factory = new ExecutionFactory(new ExecutionParts(gate.sandbox, gate.launcher,
            new CallLogs(gate.Folder("logs")), null!, new HttpClient(), options, Redactor.None));
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
            var json = JsonSerializer.SerializeToElement(input);
            var call = new GateCall(tool.Descriptor.Name, json, context with { Workspace = workspace });
            await using var execution =
                await factory.OpenAsync(call, tool.Descriptor, CancellationToken.None);
            results.Add(await tool.InvokeAsync(json, execution, CancellationToken.None));
        }
        return ((await workspaces.SealAsync(workspace)).LayerId!, results);
    }

    public async ValueTask DisposeAsync()
    {
        await workspaces.DeleteRunAsync("run_1");
        await sandbox.DisposeAsync();
        launcher.Dispose();
        Directory.Delete(root, recursive: true);
    }

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(root, name)).FullName;
}
