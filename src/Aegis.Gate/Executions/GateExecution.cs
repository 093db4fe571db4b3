using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Aegis.Core.Agents;
using Aegis.Core.Artifacts;
using Aegis.Core.Deployments;
using Aegis.Core.Errors;
using Aegis.Core.Findings;
using Aegis.Core.Knowledge;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Models;
using Aegis.Core.Federation;
using Aegis.Gate.Deployments;
using Aegis.Gate.Federation;
using Aegis.Gate.Http;
using Aegis.Gate.Logs;
using Aegis.Gate.Models;
using Aegis.Gate.Peers;
using Aegis.Gate.Policies;
using Aegis.Gate.Redaction;
using Aegis.Gate.Terminals;
using Aegis.Gate.Turns;
using Aegis.Gate.Vaccines;
using Aegis.Core.Vaccines;
using Aegis.Ledger.Secrets;
using Aegis.Models;
using Aegis.Models.Calls;
using Aegis.Core.Policy;
using Aegis.Sandbox.Egress;
using Aegis.Core.Profiles;

namespace Aegis.Gate;

/// <summary>One call's way to the outside. Its log, scratch folder and redaction are made when first used, so
/// that a pure call costs nothing.</summary>
public sealed partial class GateExecution : Execution, IAsyncDisposable
{
    /// <summary>What a result may show of its text and of its outputs; the whole is in the log.</summary>
    public const int ResultBytesMax = 64 * 1024;

    private readonly ExecutionParts? parts;
    private readonly GateCall call;
    private readonly ToolDescriptor descriptor;
    private readonly List<string> walls = [];
    private readonly List<ArtifactVersion> made = [];
    private readonly Lock masking = new();
    private EgressTally? asked;
    private CallLog? log;
    private string? scratch;
    private ModelWork? models;
    private ImmutableArray<string> used = [];
    private Redactor? redactor;
    private CallPeer? peer;
    private CallVaccines? vaccines;

    internal GateExecution(ExecutionParts? parts, GateCall call, ToolDescriptor descriptor) =>
        (this.parts, this.call, this.descriptor) = (parts, call, descriptor);

    public override CallContext Context => call.Context;

    public override CallPeer Peer => peer ??= parts is null ? call.Peer ?? SilentPeer.Instance
        : new RedactingPeer(call.Peer ?? parts.Waiting.Of(Context.Run), () => Redactor);

    public override string ScratchDirectory => scratch ??= Directory.CreateDirectory(Path.Combine(
        Parts.Options.ScratchRoot, $"{Context.CallId}.{Path.GetRandomFileName()}")).FullName;

    internal ExecutionParts Parts => parts ?? throw new InvariantViolationException(
        $"{descriptor.Name} reached for the host on a node without one");

    private ModelWork Models => models ??= new ModelWork(this, Parts, call.Client);

    internal Redactor Redactor => call.Within?.Redactor ?? redactor ?? Parts.Redactor;

    /// <summary>Whether the call is made in a turn of an agent, over the turn's files.</summary>
    internal bool IsWithin => call.Within is not null;

    /// <summary>What a turn of an agent may do beside its own call; null for all other calls.</summary>
    internal TurnRoom? Turns { get; set; }

    /// <summary>The vaccines of the policy that the call was judged by.</summary>
    internal VaccineGuard Guard { get; set; } = VaccineGuard.None;

    public override CallVaccines Vaccines =>
        vaccines ??= new CallVaccines(parts?.Vaccines,
            parts?.Watch ?? NoVaccines.Instance, Guard, Context, descriptor.Name);

    public override ValueTask<CommandResult> SandboxAsync(SandboxCommand command, CancellationToken cancel) =>
        SandboxedCommand.RunAsync(this, command, cancel);

    public override ValueTask<TerminalOutcome> TerminalAsync(
        TerminalOrder order, CancellationToken cancel) =>
        SandboxedTerminal.RunAsync(this, order, cancel);

    public override ValueTask<ModelReply> ChatAsync(ModelRequest request, CancellationToken cancel) =>
        Models.ChatAsync(request, cancel);

    public override ModelClient? Client => call.Client;

    public override ValueTask<ModelCallEnd> ModelAsync(ModelCall asked, CancellationToken cancel) =>
        Turns is { } room ? room.AwayAsync(() => Models.RunAsync(asked, cancel), cancel)
            : Models.RunAsync(asked, cancel);

    public override void Log(string text) => OpenLog().WriteLine(text);

    public override ValueTask<IReadOnlyList<Tool>> OfferedAsync(
        Func<string, bool> wanted, CancellationToken cancel) => OwnTurns.OfferedAsync(wanted, cancel);

    public override ValueTask<TurnReply> RepliedAsync(TurnReply reply, CancellationToken cancel) =>
        OwnTurns.RepliedAsync(reply, cancel);

    public override ValueTask<CallOutcome> CallAsync(TurnCall wanted, CancellationToken cancel) =>
        OwnTurns.CallAsync(wanted, cancel);

    public override async ValueTask<ImmutableSortedDictionary<string, AgentDefinition>> AgentsAsync(
        CancellationToken cancel) => (await ProfileAsync(cancel)).Agents;

    public override async ValueTask<RuleSet> AuditRulesAsync(CancellationToken cancel) =>
        Parts.Policies is { } shelf && (await shelf.OfAsync(Context.Principal, cancel)).Audit is { } rules
            ? rules : await base.AuditRulesAsync(cancel);

    public override ValueTask<KnowledgeBase> KnowledgeAsync(CancellationToken cancel) =>
        Parts.Profiles.KnowledgeAsync(Context, cancel);

    private TurnRoom OwnTurns => Turns
        ?? throw new InvariantViolationException($"{descriptor.Name} is no turn of an agent");

    /// <summary>What models cost since it was last asked, which somebody records now.</summary>
    internal (decimal CostUsd, ImmutableArray<ModelUse>? Used) TakeModels() => models?.Take() ?? (0, null);

    internal CallLog OpenLog() => call.Within?.OpenLog() ?? (log ??= Parts.Logs.Open(
        new LogKey(Context.Run, Context.StepId, Context.Attempt), Redactor));

    /// <summary>Remembers the walls of a sandboxed command, each once, for the record of the call.</summary>
    internal void Walled(ImmutableArray<Sandbox.WallRecord> records)
    {
        foreach (var record in records)
        {
            var text = $"{record.Wall}: {(record.Present ? "" : "absent, ")}{record.Mechanism}";
            if (!walls.Contains(text))
            {
                walls.Add(text);
            }
        }
    }

    /// <summary>The run's profile; an empty one where it has none.</summary>
    internal ValueTask<Profile> ProfileAsync(CancellationToken cancel) => Context.ProfileVersion is null
        ? ValueTask.FromResult(Profile.Empty)
        : Parts.Profiles.ProfileAsync(Context, cancel);

    /// <summary>Remembers what a command asked of the egress proxy, and says in the log what was
    /// denied.</summary>
    internal void Asked(ImmutableArray<EgressFact> facts)
    {
        foreach (var fact in facts)
        {
            (asked ??= new EgressTally()).Add(fact);
            if (EgressLine.Of(fact) is { } line)
            {
                Log(line);
            }
        }
    }

    /// <summary>Ends the log and cuts and redacts what the tool answered.</summary>
    internal async ValueTask<CallOutcome> CloseAsync(ToolResult result)
    {
        if (parts is null)
        {
            return new CallOutcome(result, false, TimeSpan.Zero);
        }
        var reference = log is null ? null : await log.CompleteAsync(descriptor.RunsTurns);
        var clean = ShownResult.Of(
            result with { CostUsd = result.CostUsd + (models?.SpentUsd ?? 0) }, descriptor.Name, Redactor);
        return new CallOutcome(clean, false, TimeSpan.Zero, reference, walls.Count == 0 ? null : [.. walls],
            Artifacts: made.Count == 0 ? null : [.. made],
            Egress: asked?.Facts,
            Models: models?.Used);
    }

    public async ValueTask DisposeAsync()
    {
        if (log is not null)
        {
            await log.DisposeAsync();
        }
        if (scratch is not null)
        {
            Directory.Delete(scratch, true);
        }
    }

    internal void Mask(string value)
    {
        if (call.Within is { } outer)
        {
            outer.Mask(value);
            return;
        }
        // calls of one turn may be under way at once
        lock (masking)
        {
            if (!used.Contains(value))
            {
                used = used.Add(value);
                redactor = new Redactor([.. Parts.Options.Secrets, .. used]);
                log?.Mask(redactor);
            }
        }
    }
}
