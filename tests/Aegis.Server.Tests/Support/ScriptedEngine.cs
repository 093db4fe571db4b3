using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Aegis.Core;
using Aegis.Core.Plans.Shipped;
using Aegis.Core.Errors;
using Aegis.Engine;
using Aegis.Engine.Calls;
using Aegis.Engine.Deployments;
using Aegis.Gate;
using Aegis.Gate.Terminals;
using Aegis.Ledger.Tenants;
using Aegis.Sandbox;
using Aegis.Server.Rooms;
using Aegis.Tools;

namespace Aegis.Server.Tests.Support;

/// <summary>An engine that does what a test tells it: these tests are about the doors in front of
/// it.</summary>
public sealed class ScriptedEngine : EngineRoom
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> grown = new();

    public ScriptedEngine()
    {
        PlanDeskScript = new ScriptedPlans(this);
        RunDeskScript = new ScriptedRuns(this);
    }

    public ConcurrentQueue<object> Asked { get; } = new();

    public Func<Principal, string, PlanView>? OnPlan { get; set; }

    public Func<Principal, PlanId, RunRequest, Task<RunId>>? OnStart { get; set; }

    public ConcurrentDictionary<(string Run, string Step, int Attempt), byte[][]> Logs { get; } = new();

    public AegisError? Sick { get; set; }

    public bool Stopped { get; private set; }

    public ScriptedPlans PlanDeskScript { get; }

    public ScriptedRuns RunDeskScript { get; }

    public override PlanDesk Plans => PlanDeskScript;

    /// <summary>Nothing scripted: the product's tools and the gate's decisions.</summary>
    public override ToolDesk Tools { get; } = new(BuiltInTools.Catalogue());

    /// <summary>The product's own, on the test's ledger: the fixture fills it in.</summary>
    public ModelDesk? RealModels { get; set; }

    public override ModelDesk Models => RealModels!;

    public override RunDesk Runs => RunDeskScript;

    /// <summary>The product's own, on the test's ledger: the fixture fills it in.</summary>
    public ArtifactDesk? RealArtifacts { get; set; }

    public override ArtifactDesk Artifacts => RealArtifacts!;

    /// <summary>The product's own, on the test's ledger: the fixture fills it in.</summary>
    public LockDesk? RealLocks { get; set; }

    public override LockDesk OutsideLocks => RealLocks!;

    /// <summary>The product's own, on the test's ledger: the fixture fills it in.</summary>
    public DeploymentDesk? RealDeployments { get; set; }

    public override DeploymentDesk Deployments => RealDeployments ?? base.Deployments;

    /// <summary>None: calls without a run need a real engine.</summary>
    public override CallDesk Calls => throw new NotSupportedException("this engine is scripted");

    /// <summary>Those of the things that a test made last.</summary>
    public LiveTerminals LiveTerminals { get; set; } = new(TimeProvider.System);

    public override LiveTerminals Terminals => LiveTerminals;

    public static SandboxReport Report { get; } = new("aegis",
    [
        new("namespace", true, [new("uid", "own host uid", true, true, null)], null, null),
        new("microvm", false, [], "no kernel", "./aegis sandbox prepare"),
    ]);

    public override Task<SandboxReport?> ExamineAsync(CancellationToken cancel) =>
        Task.FromResult<SandboxReport?>(Report);

    public void Wake(string run)
    {
        if (grown.TryRemove(run, out var signal))
        {
            signal.TrySetResult();
        }
    }

    public override ValueTask StartAsync(Uri server, CancellationToken cancel) => ValueTask.CompletedTask;

    public override Task<string> LostAsync() => new TaskCompletionSource<string>().Task;

    public override AegisError? Health() => Sick;

    public override async IAsyncEnumerable<ReadOnlyMemory<byte>> LogAsync(
        RunId run, string stepId, int attempt,
        long offset, bool follow, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (!Logs.TryGetValue((run.Value, stepId, attempt), out var pieces))
        {
            throw new AegisException(new AegisError("AEGIS2301", "no such log"));
        }
        var at = 0L;
        foreach (var piece in pieces)
        {
            await Task.Yield();
            var skip = (int)Math.Clamp(offset - at, 0, piece.Length);
            at += piece.Length;
            if (skip < piece.Length)
            {
                yield return piece.AsMemory(skip);
            }
        }
    }

    public override ValueTask StopAsync(CancellationToken cancel)
    {
        Stopped = true;
        return ValueTask.CompletedTask;
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public sealed class ScriptedPlans(ScriptedEngine engine) : PlanDesk
    {
        public override ValueTask<PlanView> CreateAsync(
            Principal by, ReadOnlyMemory<byte> workflow, string fileName,
            JsonElement? inputs, CancellationToken cancel)
        {
            var text = Encoding.UTF8.GetString(workflow.Span);
            engine.Asked.Enqueue(("plan", by.Actor, by.Tenancy, fileName, text));
            return ValueTask.FromResult(engine.OnPlan?.Invoke(by, text)
                ?? new PlanView("plan_made", "made", "sha256:1",
                    [new PlanTaskView("a", "noop", []), new PlanTaskView("b", "noop", ["a"])]));
        }

        public override ValueTask<PlanView> GetAsync(Principal by, PlanId plan, CancellationToken cancel) =>
            ValueTask.FromResult(new PlanView(plan.Value, "made", "sha256:1", []));

        public override ValueTask<PlanView> ShippedAsync(
            Principal by, ShippedWorkflow workflow, CancellationToken cancel)
        {
            engine.Asked.Enqueue(("shipped", by.Actor, workflow.Name));
            return ValueTask.FromResult(new PlanView("plan_shipped", workflow.Name, "sha256:1", []));
        }
    }

    public sealed class ScriptedRuns(ScriptedEngine engine) : RunDesk
    {
        public ConcurrentDictionary<string, TaskCompletionSource> Waiting { get; } = new();

        public override async ValueTask<RunId> StartAsync(Principal by, PlanId plan, RunRequest request,
            CancellationToken cancel)
        {
            engine.Asked.Enqueue(("start", by.Actor, by.Tenancy, plan.Value, request.Repository, request.Ref,
                request.Inputs?.GetRawText(), request.Context?.GetRawText()));
            return engine.OnStart is { } start ? await start(by, plan, request) : new RunId("run_made");
        }

        public override ValueTask<RunId> RetryAsync(
            Principal by, RunId run, RetryRequest request, CancellationToken cancel)
        {
            engine.Asked.Enqueue(("retry", by.Actor, run.Value, string.Join(',', request.From),
                request.Inputs?.GetRawText(), request.With?.GetRawText(), request.Reason));
            return ValueTask.FromResult(new RunId("run_again"));
        }

        public override ValueTask CancelAsync(
            Principal by, RunId run, string? reason, CancellationToken cancel)
        {
            engine.Asked.Enqueue(("cancel", by.Actor, run.Value, reason));
            return ValueTask.CompletedTask;
        }

        public override ValueTask ResolveAsync(Principal by, RunId run, string stepId, InDoubtAnswer answer,
            CancellationToken cancel)
        {
            engine.Asked.Enqueue(("resolve", by.Actor, run.Value, stepId, answer));
            return ValueTask.CompletedTask;
        }

        public override ValueTask AnswerAsync(Principal by, RunId run, string stepId, bool granted,
            string? reason, string? queue, CancellationToken cancel)
        {
            engine.Asked.Enqueue(("answer", by.Actor, run.Value, stepId, granted, reason, queue));
            return ValueTask.CompletedTask;
        }

        public override ValueTask PauseAsync(
            Principal by, RunId run, string? reason, CancellationToken cancel)
        {
            engine.Asked.Enqueue(("pause", by.Actor, run.Value, reason));
            return ValueTask.CompletedTask;
        }

        public override ValueTask ResumeAsync(Principal by, RunId run, CancellationToken cancel)
        {
            engine.Asked.Enqueue(("resume", by.Actor, run.Value));
            return ValueTask.CompletedTask;
        }

        public override void ProfileStored(TenancyKeys project, int version) =>
            engine.Asked.Enqueue(("profile", project, version));

        public override async ValueTask WaitForEventsAsync(RunId run, int version, CancellationToken cancel)
        {
            var signal = engine.grown.GetOrAdd(run.Value,
                _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            Waiting.GetOrAdd($"{run.Value}/{version}", _ => new TaskCompletionSource()).TrySetResult();
            await signal.Task.WaitAsync(cancel);
        }

        /// <summary>Completes when a stream waits for news after a version.</summary>
        public Task WaitsAt(string run, int version) =>
            Waiting.GetOrAdd($"{run}/{version}", _ => new TaskCompletionSource()).Task;
    }
}
