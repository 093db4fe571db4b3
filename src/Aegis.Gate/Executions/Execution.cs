using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Agents;
using Aegis.Core.Artifacts;
using Aegis.Core.Deployments;
using Aegis.Core.Errors;
using Aegis.Core.Federation;
using Aegis.Core.Findings;
using Aegis.Core.Knowledge;
using Aegis.Core.Runs.Audits;
using Aegis.Gate.Buckets;
using Aegis.Gate.Deployments;
using Aegis.Gate.Federation;
using Aegis.Gate.Models;
using Aegis.Gate.Peers;
using Aegis.Gate.Stacks;
using Aegis.Gate.Terminals;
using Aegis.Gate.Turns;
using Aegis.Gate.Vaccines;
using Aegis.Models;
using Aegis.Models.Calls;
using Aegis.Sandbox;

namespace Aegis.Gate;

/// <summary>The only way by which a tool reaches the sandbox, host programs, models and the network. The gate
/// makes one for each admitted call; everything it returns and logs is redacted already.</summary>
public abstract class Execution
{
    public abstract CallContext Context { get; }

    /// <summary>Who waits for the call's end; in a run nobody who can be asked.</summary>
    public virtual CallPeer Peer => SilentPeer.Instance;

    /// <summary>Runs a command in the sandbox over the attempt's workspace. Its output goes to the call's log
    /// unless Quiet, and is returned up to CaptureBytesMax of each channel.</summary>
    public abstract ValueTask<CommandResult> SandboxAsync(SandboxCommand command, CancellationToken cancel);

    /// <summary>Runs a host program that the tool's descriptor declares, with a clean environment, never on a
    /// workspace. Same capture rules.</summary>
    public abstract ValueTask<CommandResult> HostAsync(HostCommand command, CancellationToken cancel);

    /// <summary>Runs a command at a terminal that people can attach to, until it ends or is closed.</summary>
    public virtual ValueTask<TerminalOutcome> TerminalAsync(TerminalOrder order, CancellationToken cancel) =>
        throw new Core.Errors.InvariantViolationException("this execution has no terminals");

    public abstract ValueTask<ModelReply> ChatAsync(ModelRequest request, CancellationToken cancel);

    /// <summary>Who waits for a model's answer in the words of its protocol; null for nobody.</summary>
    public virtual ModelClient? Client => null;

    /// <summary>Makes a call in the words of a protocol. What goes wrong is told by its end.</summary>
    public virtual ValueTask<ModelCallEnd> ModelAsync(ModelCall asked, CancellationToken cancel) =>
        throw new InvariantViolationException("this execution has no models");

    /// <summary>Where the run's pull requests are: the local forge, or the one that its profile names. Null
    /// where the run has no repository.</summary>
    public virtual ValueTask<ForgePlace?> ForgePlaceAsync(CancellationToken cancel) =>
        ValueTask.FromResult(Context.Repository is { } run
            ? new ForgePlace(Context.Principal.Tenancy.Project, run.Name, null) : null);

    /// <summary>Calls that forge, about that repository alone.</summary>
    public abstract ValueTask<ForgeReply> ForgeAsync(ForgeRequest request, CancellationToken cancel);

    /// <summary>Sends a request from the host, to a host of the run's egress_allow alone. Throws
    /// <see cref="Core.Errors.AegisException"/> where that, an address or a limit forbids it.</summary>
    public abstract ValueTask<HttpReply> HttpAsync(HttpCall call, CancellationToken cancel);

    /// <summary>A secret of the run's project, or null where there is none. From then on its value is
    /// masked in everything that this call logs and answers. Throws where it is bound
    /// to other hosts.</summary>
    /// <param name="target">Where it is to be sent; null where it stays here.</param>
    public virtual ValueTask<string?> SecretAsync(string name, Uri? target, CancellationToken cancel) =>
        ValueTask.FromResult<string?>(null);

    /// <summary>Calls a tool of an outside MCP server, if the server still says of it what was
    /// approved.</summary>
    internal virtual ValueTask<ToolResult> FederatedAsync(
        McpToolPin pin, JsonElement input, CancellationToken cancel) =>
        throw new AegisException(FederationErrors.NoServer(pin.Server));

    /// <summary>Asks an outside MCP server what tools it has, and writes that down for people to
    /// read.</summary>
    public virtual ValueTask<IReadOnlyList<McpToolPin>> SurveyAsync(
        string server, CancellationToken cancel) =>
        throw new AegisException(FederationErrors.NoServer(server));

    /// <summary>Makes the next version of an artifact of the run's project, in the name of the task; null on
    /// a node that keeps none.</summary>
    public virtual ValueTask<ArtifactVersion?> PutArtifactAsync(ArtifactPut put, CancellationToken cancel) =>
        ValueTask.FromResult<ArtifactVersion?>(null);

    /// <summary>An artifact of the run's project, or null where there is none.</summary>
    public virtual ValueTask<ArtifactContent?> OpenArtifactAsync(
        string id, int? version, CancellationToken cancel) =>
        ValueTask.FromResult<ArtifactContent?>(null);

    /// <summary>The agents of the run's profile, by name.</summary>
    public virtual ValueTask<ImmutableSortedDictionary<string, AgentDefinition>> AgentsAsync(
        CancellationToken cancel) =>
        ValueTask.FromResult(ImmutableSortedDictionary<string, AgentDefinition>.Empty);

    /// <summary>The Auditor's rules as the project has them now, whatever profile the run was started
    /// with.</summary>
    public virtual ValueTask<RuleSet> AuditRulesAsync(CancellationToken cancel) =>
        ValueTask.FromResult(RuleSet.Find(AuditVeto.RulesetRequired)!);

    /// <summary>The safe architectures that ship, with those of the run's profile.</summary>
    public virtual ValueTask<KnowledgeBase> KnowledgeAsync(CancellationToken cancel) =>
        ValueTask.FromResult(KnowledgeBase.BuiltIn);

    /// <summary>The tools that this call's holder may call, of those that are wanted. For a turn of an
    /// agent, as are the two below.</summary>
    public virtual ValueTask<IReadOnlyList<Tool>> OfferedAsync(
        Func<string, bool> wanted, CancellationToken cancel) => throw NoTurn();

    /// <summary>Makes a model's reply a fact, before anything is done that it asks for, and returns it as it
    /// was recorded: masked.</summary>
    public virtual ValueTask<TurnReply> RepliedAsync(TurnReply reply, CancellationToken cancel) =>
        throw NoTurn();

    /// <summary>Makes a call that the model asked for, through the same gate, with no more rights than the
    /// agent has.</summary>
    public virtual ValueTask<CallOutcome> CallAsync(TurnCall wanted, CancellationToken cancel) =>
        throw NoTurn();

    /// <summary>What was learned from failures: asked before files are written, and told of new ones.
    /// </summary>
    public virtual CallVaccines Vaccines => CallVaccines.None;

    /// <summary>Brings a version of a deployment up on this node, and its address to it. Throws
    /// <see cref="AegisException"/> where it is not well; what was served before is served still.</summary>
    /// <param name="archive">The tree, a tar in <see cref="ScratchDirectory"/>.</param>
    /// <param name="kept">Versions that stay to go back to.</param>
    public virtual ValueTask<ServedRelease> DeployAsync(string name, ReleaseSpec release, string archive,
        int kept, CancellationToken cancel) => throw new AegisException(NoDeployments);

    /// <summary>What this call has brought to be served, if it was made before; null for nothing.</summary>
    public virtual ValueTask<ServedRelease?> DeployedAsync(string name, CancellationToken cancel) =>
        ValueTask.FromResult<ServedRelease?>(null);

    /// <summary>States and plans of the project's stacks.</summary>
    public virtual CallStacks Stacks => CallStacks.None;

    /// <summary>Keeps a value as a secret of the project; its holder must be allowed to. It is masked from
    /// then on.</summary>
    public virtual ValueTask KeepSecretAsync(string name, string value, CancellationToken cancel) =>
        throw new InvariantViolationException("this execution keeps no secrets");

    /// <summary>Whether a name may become, or is, a deployment of a target that others run. Throws
    /// <see cref="AegisException"/> where not.</summary>
    public virtual ValueTask MayPublishAsync(string name, string target, CancellationToken cancel) =>
        ValueTask.CompletedTask;

    /// <summary>Makes a fact of what others run since this call, and lists it with the project's
    /// deployments.</summary>
    public virtual ValueTask PublishedAsync(PublishedRelease release, CancellationToken cancel) =>
        ValueTask.CompletedTask;

    /// <summary>A bucket of a host that the run's egress_allow names, opened with secrets of the project.
    /// Throws <see cref="AegisException"/> where there is no such secret.</summary>
    public virtual ValueTask<Bucket> BucketAsync(
        BucketPlace place, BucketSecrets names, CancellationToken cancel) =>
        throw new InvariantViolationException("this execution has no buckets");

    /// <summary>Does something while a resource of the project is this call's alone. Throws
    /// <see cref="AegisException"/> where another has it, or it is lost meanwhile.</summary>
    public async ValueTask<T> HoldingAsync<T>(
        string resource, Func<CancellationToken, ValueTask<T>> act, CancellationToken cancel)
    {
        await using var held = await HoldAsync(resource, cancel);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, held.Lost);
        try
        {
            return await act(either.Token);
        }
        catch (OperationCanceledException)
            when (held.Lost.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw new AegisException(new AegisError("AEGIS2679",
                $"the lock on {resource} was lost in the middle", "a ledger that answers", null,
                "run it again"));
        }
    }

    /// <summary>Keeps a resource of the project for this call alone, until what is returned is disposed of.
    /// Throws <see cref="AegisException"/> where another has it.</summary>
    protected virtual ValueTask<IHeldLock> HoldAsync(string resource, CancellationToken cancel) =>
        ValueTask.FromResult<IHeldLock>(NoLock.Instance);

    /// <summary>Why a call that needs a secret does not have it.</summary>
    public static AegisError NoSecret(string name) => new("AEGIS2662", $"there is no secret {name}",
        "a secret of the project", null, $"store it: aegis secret set {name}");

    /// <summary>Why nothing is deployed on a node.</summary>
    protected static AegisError NoDeployments { get; } = new("AEGIS2669", "this node runs no deployments",
        "a server with sandboxes of the kind namespace", null, "deploy on another server");

    /// <summary>A private host folder for this call, removed afterwards (bundles, quarantines).</summary>
    public abstract string ScratchDirectory { get; }

    /// <summary>Adds lines to the call's log.</summary>
    public abstract void Log(string text);

    private static InvariantViolationException NoTurn() => new("this execution is no turn of an agent");
}

/// <summary>A command inside the sandbox.</summary>
/// <param name="StdinFile">A host file in ScratchDirectory to feed as stdin, for large inputs.</param>
/// <param name="StdinStream">What is written as stdin as it comes, and closed at its end, in place of the
/// others: a command that reads it hears that its caller has something more to say.</param>
/// <param name="MemoryBytesMax">Less than the node's own limit.</param>
/// <param name="OnStdout">Gets the whole stdout as it comes, unredacted, in memory alone; nothing of it is
/// logged, captured or written to a disk then (states, plans).</param>
/// <param name="StdoutFile">A host file in ScratchDirectory that gets the whole stdout, unredacted bytes
/// (bundles); nothing of it is logged then.</param>
public sealed record SandboxCommand(
    ImmutableArray<string> Argv,
    string WorkingDirectory = "/work",
    ReadOnlyMemory<byte> Stdin = default,
    ImmutableSortedDictionary<string, string>? Env = null,
    TimeSpan? Timeout = null,
    bool Pty = false,
    bool Quiet = false,
    int CaptureBytesMax = 256 * 1024,
    string? StdinFile = null,
    string? StdoutFile = null,
    long? MemoryBytesMax = null,
    Func<ReadOnlyMemory<byte>, ValueTask>? OnStdout = null,
    Stream? StdinStream = null);

/// <summary>A program on the host.</summary>
/// <param name="ToForge">For git alone: the gate lets it reach the run's outside forge, with the
/// token.</param>
public sealed record HostCommand(
    string Program,
    ImmutableArray<string> Arguments,
    string WorkingDirectory,
    ImmutableSortedDictionary<string, string>? Env = null,
    TimeSpan? Timeout = null,
    int CaptureBytesMax = 256 * 1024,
    bool Quiet = true,
    bool ToForge = false);

/// <summary>How a command ended, with the captured ends of its output (tail where it was longer).</summary>
/// <param name="ExitCode">128 + signal where a signal ended it.</param>
public sealed record CommandResult(int ExitCode, bool TimedOut, ReadOnlyMemory<byte> Stdout,
    ReadOnlyMemory<byte> Stderr, long StdoutBytes, long StderrBytes)
{
    /// <summary>What the command took, as far as somebody looked; null for a host program.</summary>
    public CommandUsage? Usage { get; init; }

    public bool Ok => ExitCode == 0 && !TimedOut;

    public string StdoutText => System.Text.Encoding.UTF8.GetString(Stdout.Span);

    public string StderrText => System.Text.Encoding.UTF8.GetString(Stderr.Span);
}

/// <summary>A call of GitHub's REST subset. Path begins with <c>/repos/</c>.</summary>
public sealed record ForgeRequest(string Method, string Path, JsonElement? Body = null);

/// <param name="Next">Path of the next page of a list; null on the last.</param>
public sealed record ForgeReply(int Status, JsonElement Body, string? Next = null);
