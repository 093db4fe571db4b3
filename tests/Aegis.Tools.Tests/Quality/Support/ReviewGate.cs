using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Gate;
using Aegis.Gate.Logs;
using Aegis.Gate.Redaction;
using Aegis.Processes;
using Aegis.Sandbox;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aegis.Tools.Tests.Quality.Support;

/// <summary>The product's own gate over its own sandbox and workspaces, as an ordinary user; only profiles
/// and the forge are not there.</summary>
public sealed class ReviewGate : IAsyncLifetime
{
    private readonly string _home = Directory.CreateTempSubdirectory("aegis-gate-").FullName;
    private readonly ProcessLauncher _launcher = new();
    private SandboxRunner? _sandbox;
    private Workspaces? _workspaces;
    private Gate.Gate? _gate;

    public CallLogs Logs { get; private set; } = null!;

    /// <summary>The secrets that calls wanted; there is one, <c>api-token</c>.</summary>
    public ConcurrentQueue<SecretAsk> Asked { get; } = new();

    /// <summary>What every sandbox sees and has in its environment, as a server's package caches.</summary>
    public ImmutableArray<ReadOnlyMount> Mounts { get; init; } = [];

    public ImmutableSortedDictionary<string, string> SandboxEnv { get; init; } =
        ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Private hosts that an operator lets sandboxes reach.</summary>
    public ImmutableArray<string> EgressPrivateHosts { get; init; } = [];

    public async Task InitializeAsync()
    {
        _sandbox = await SandboxRunner.CreateAsync(
            new SandboxOptions { Egress = new() { PrivateHosts = EgressPrivateHosts } }, _launcher);
        _workspaces = new Workspaces(Folder("workspaces"), _sandbox);
        Logs = new CallLogs(Folder("logs"));
        var options = new ExecutionOptions(Folder("scratch"), Mounts, SandboxEnv, SandboxLimits.Default,
            () => null, _ => "", []);
        var parts = new ExecutionParts(_sandbox, _launcher, Logs, null!, null!, options,
            new Redactor(["s3cret-of-the-gate"]))
        {
            Secret = (ask, _) =>
            {
                Asked.Enqueue(ask);
                return ValueTask.FromResult(ask.Name == "api-token" ? "s3cret-of-the-step" : null);
            },
        };
        _gate = new Gate.Gate(BuiltInTools.Catalogue(), new ExecutionFactory(parts),
            NullLogger<Gate.Gate>.Instance);
    }

    public async Task DisposeAsync()
    {
        await _sandbox!.DisposeAsync();
        _launcher.Dispose();
    }

    /// <summary>An attempt with a workspace of its own that holds these files at /work/app.</summary>
    public async Task<CallContext> OpenAsync(string run, params (string Path, string Text)[] files)
    {
        var workspace = await _workspaces!.OpenAsync(run, [], "step", 1);
        var context = new CallContext(new Principal("key:test", new Tenancy("acme", "web"), ["admin:*"]),
            new RunId(run),
            "step", 1, $"{run}.step.1.1", new PlanPolicy([], [], null, null),
            ImmutableSortedDictionary<string, string>.Empty, null, workspace, null, DateTimeOffset.MaxValue);
        foreach (var (path, content) in files)
        {
            var written = await CallAsync(context, "file.write", new { path = $"/work/app/{path}", content });
            Assert.True(written.Result.Ok, $"{written.Result.Error}");
        }
        return context;
    }

    public async Task<CallOutcome> CallAsync(CallContext context, string tool, object input) =>
        await _gate!.InvokeAsync(new GateCall(tool, JsonSerializer.SerializeToElement(input), context),
            new NoJournal(),
            CancellationToken.None);

    public async Task CloseAsync(CallContext context) => await _workspaces!.DiscardAsync(context.Workspace!);

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(_home, name)).FullName;

    private sealed class NoJournal : ICallJournal
    {
        public ValueTask<AegisError?> CalledAsync(string tool, ToolEffect effect, string? rule) => default;
    }
}
