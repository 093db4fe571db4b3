using System.Collections.Concurrent;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Runs.Audits;
using Aegis.Gate;
using Aegis.Sandbox;

namespace Aegis.Engine.Tests;

/// <summary>What the outside of a test saw: how often each step acted, and what a probe would find.</summary>
internal sealed class World
{
    private readonly ConcurrentDictionary<string, int> acts = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> entered = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> released = new();

    public int Running;

    public int RunningMost;

    public IReadOnlyDictionary<string, int> Acts => acts;

    /// <summary>Steps whose act takes effect and then never returns, as a killed process's.</summary>
    public ConcurrentDictionary<string, bool> Stuck { get; } = new();

    /// <summary>What the newest act of each step was held to.</summary>
    public ConcurrentDictionary<string, CallContext> Contexts { get; } = new();

    /// <summary>Leaves a text in a file of a workspace.</summary>
    public Func<AttemptWorkspace, string, string, Task>? Write { get; init; }

    public Task Entered(string step) => Signal(entered, step).Task.WaitAsync(TimeSpan.FromSeconds(60));

    public void Release(string step) => Signal(released, step).TrySetResult();

    public async Task ActAsync(string step, bool waits, CancellationToken cancel)
    {
        acts.AddOrUpdate(step, 1, (_, n) => n + 1);
        var now = Interlocked.Increment(ref Running);
        lock (acts)
        {
            RunningMost = Math.Max(RunningMost, now);
        }
        try
        {
            Signal(entered, step).TrySetResult();
            if (waits)
            {
                await Signal(released, step).Task.WaitAsync(cancel);
            }
        }
        finally
        {
            Interlocked.Decrement(ref Running);
        }
    }

    private static TaskCompletionSource Signal(
        ConcurrentDictionary<string, TaskCompletionSource> of, string step) =>
        of.GetOrAdd(step, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}

internal sealed record ActInput(bool Waits = false, int FailFirst = 0, string? Say = null);

/// <summary>A tool of a chosen effect whose act the test watches.</summary>
internal sealed class ActTool(string name, ToolEffect effect, World world) : Tool<ActInput>
{
    public override ToolDescriptor Descriptor { get; } = new(name, "tools:test", effect, "a test's act");

    protected override async ValueTask<ToolResult> InvokeAsync(ActInput input, Execution execution,
        CancellationToken cancel)
    {
        var step = execution.Context.StepId;
        world.Contexts[step] = execution.Context;
        await world.ActAsync(step, input.Waits, cancel);
        return world.Acts[step] <= input.FailFirst
            ? ToolResult.Fail(new AegisError("AEGIS9999", $"{step} fails for the {world.Acts[step]}. time"),
            1)
            : new ToolResult(true, input.Say ?? "acted", JsonSerializer.SerializeToElement(new { step }));
    }

    protected override ValueTask<ProbeResult> ProbeAsync(
        ActInput input, Execution execution, CancellationToken cancel) =>
        ValueTask.FromResult<ProbeResult>(world.Acts.ContainsKey(execution.Context.StepId)
            ? new ProbeResult.Happened(new ToolResult(true, "found"))
            : new ProbeResult.NotHappened());
}

internal sealed record VerdictInput(string Status = "clean", string Tree = "/work/app");

/// <summary>Comes to the verdict that it is told.</summary>
internal sealed class VerdictTool : Tool<VerdictInput>
{
    public override ToolDescriptor Descriptor { get; } =
        new("test.audit", "tools:test", ToolEffect.Idempotent, "a verdict");

    protected override ValueTask<ToolResult> InvokeAsync(VerdictInput input, Execution execution,
        CancellationToken cancel)
    {
        var verdict = new AuditVerdict(input.Tree, input.Status, "auditor", "h", 0, 0);
        return ValueTask.FromResult((verdict.Passed ? new ToolResult(true, input.Status)
            : ToolResult.Fail(new AegisError("AEGIS9999", input.Status))) with { Audit = verdict });
    }
}

internal sealed record WriteInput(string Path, string Text, bool Waits = false, int FailFirst = 0);

/// <summary>Leaves a file in its workspace, and answers with its text.</summary>
internal sealed class WriteTool(World world) : Tool<WriteInput>
{
    public override ToolDescriptor Descriptor { get; } = new("test.write", "tools:test",
        ToolEffect.Idempotent, "writes a file", UsesWorkspace: true);

    protected override async ValueTask<ToolResult> InvokeAsync(WriteInput input, Execution execution,
        CancellationToken cancel)
    {
        var step = execution.Context.StepId;
        await world.Write!(execution.Context.Workspace!, input.Path, input.Text);
        await world.ActAsync(step, input.Waits, cancel);
        return world.Acts[step] <= input.FailFirst
            ? ToolResult.Fail(new AegisError("AEGIS9999", $"{step} fails"), 1)
            : new ToolResult(true, input.Text);
    }
}

internal sealed record PutInput(string Text, bool Waits = false);

/// <summary>Puts a document, and waits then where the test says so.</summary>
internal sealed class PutTool(World world) : Tool<PutInput>
{
    public override ToolDescriptor Descriptor { get; } =
        new("test.put", "tools:test", ToolEffect.Idempotent, "puts report.md");

    protected override async ValueTask<ToolResult> InvokeAsync(PutInput input, Execution execution,
        CancellationToken cancel)
    {
        using var content = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(input.Text));
        var made = await execution.PutArtifactAsync(new ArtifactPut(null, "report.md", content), cancel);
        await world.ActAsync(execution.Context.StepId, input.Waits, cancel);
        return new ToolResult(true, $"{made!.Version}");
    }
}
