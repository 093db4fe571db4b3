using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Aegis.Core.Artifacts;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Core.Runs.Audits;
using Aegis.Core.Runs.Models;

namespace Aegis.Core.Runs.Events;

/// <summary>A fact of a run's stream. docs/events.md says of each who emits it and when; a test keeps that
/// page, these records and the codec in step.</summary>
public abstract record RunEvent;

/// <summary>First fact of a run. Holds what every later decision needs, so that a replay asks
/// nobody.</summary>
/// <param name="Scopes">What the starter may do; every call of the run is judged by it.</param>
/// <param name="Context">The trigger: branch, sha, actor, event.</param>
/// <param name="Parent">The step of another run that this one was started for.</param>
/// <param name="RetryOf">The run whose results this one takes over as far as they hold.</param>
/// <param name="With">Of a retry: other inputs of steps, by step and member.</param>
/// <param name="Reason">Why it was started again, for a person.</param>
/// <param name="MaxAgents">Of the profile.</param>
/// <param name="Queues">Of the profile: whose queue a request for approval is for, by its topic.</param>
/// <param name="Queued">Other runs of its group are before it.</param>
/// <param name="Freeze">A step that fails for good keeps its workspace and waits for a human.</param>
public sealed record RunStarted(string RunId, string PlanId, string Name, string WorkflowHash, string Actor,
    ImmutableArray<string> Scopes, JsonElement? Inputs, JsonElement? Context, RepositoryRef? Repository,
    int? ProfileVersion, bool Freeze = false, string? ConcurrencyGroup = null, bool Queued = false,
    ParentRef? Parent = null, string? RetryOf = null, JsonElement? With = null, string? Reason = null,
    int? MaxAgents = null, ImmutableArray<TopicQueue>? Queues = null)
        : RunEvent;

/// <summary>The step of another run that this one was started for.</summary>
/// <param name="Above">The plans of the runs above, the uppermost first; the parent's is the last.</param>
/// <param name="Untrusted">Inputs that the step filled with text which an outsider may have
/// chosen.</param>
/// <param name="BudgetUsd">What the parent could still spend then; null for no cap.</param>
public sealed record ParentRef(string RunId, string StepId, ImmutableArray<string> Above,
    decimal? BudgetUsd, ImmutableArray<string>? Untrusted = null);

/// <summary>A run that was queued behind others of its concurrency group begins.</summary>
public sealed record RunAdmitted : RunEvent;

/// <summary>The repository of a run at the commit it was started for.</summary>
public sealed record RepositoryRef(string Name, string Branch, string Sha, string DefaultBranch);

/// <summary>An attempt begins. Input is the rendered one, or left out where it is over 16 KiB.</summary>
public sealed record TaskStarted(string StepId, int Attempt, string Tool, JsonElement? Input, bool Recovery)
    : RunEvent;

/// <summary>Committed before an act that is not pure.</summary>
/// <param name="Within">The call in which it is made: an agent's turn. Null for a step's own call, here and
/// below.</param>
public sealed record ToolCalled(string StepId, int Attempt, string CallId, string Tool, string Effect,
    string? Rule, string? Within = null) : RunEvent;

/// <summary>The gate said no. The attempt fails with the same error, unless the call was made within another
/// one, which is told it.</summary>
public sealed record ToolDenied(string StepId, int Attempt, string CallId, string Tool, AegisError Error,
    string? Within = null) : RunEvent;

/// <summary>A call's end. For a pure tool it is the only record of the call.</summary>
/// <param name="Egress">What its commands asked the egress proxy for, allowed or not.</param>
/// <param name="Models">The models that it asked, in order.</param>
public sealed record ToolReturned(string StepId, int Attempt, string CallId, string Tool, string Effect,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] bool Ok,
    int? ExitCode, AegisError? Error, decimal CostUsd, long DurationUs, LogRef? Log,
    ImmutableArray<string>? Walls, bool Probed, ImmutableArray<EgressFact>? Egress = null,
    ImmutableArray<ModelUse>? Models = null, string? Within = null) : RunEvent;

/// <summary>What a model said in a turn of an agent, committed before any call is made that it asks for: a
/// turn that is begun again does not ask the model again.</summary>
/// <param name="CallId">The turn's call.</param>
/// <param name="Turn">From 1.</param>
/// <param name="Reply">Its text and the calls that it asks for, without private reasoning; null where it is
/// in <paramref name="Blob"/>.</param>
/// <param name="Blob">Hash of a reply over 48 KiB in the tenant's blobs.</param>
/// <param name="Finish">stop, length, tool_calls, filter or paused.</param>
public sealed record ModelReplied(string StepId, int Attempt, string CallId, int Turn, string Agent,
    JsonElement? Reply, string? Blob, long Bytes, string Finish, decimal CostUsd,
    ImmutableArray<ModelUse>? Models = null) : RunEvent;

public sealed record TaskCompleted(
    string StepId, int Attempt, string? Output, JsonElement? Outputs, string? Layer)
    : RunEvent;

/// <summary>A task ended in failure and will not be tried again.</summary>
public sealed record TaskFailed(string StepId, int Attempt, AegisError Error, string? Output,
    JsonElement? Outputs) : RunEvent;

public sealed record TaskSkipped(string StepId, string Reason) : RunEvent;

public sealed record TaskCancelled(string StepId, int Attempt) : RunEvent;

public sealed record TaskRetryScheduled(
    string StepId, int Attempt, DateTimeOffset NotBefore, AegisError Error)
    : RunEvent;

/// <summary>A crash came between ToolCalled and ToolReturned of an act that can be neither repeated nor
/// asked.</summary>
public sealed record TaskInDoubt(string StepId, int Attempt, string Why) : RunEvent;

/// <summary>A human's answer to TaskInDoubt: done, retry or fail.</summary>
public sealed record TaskResolved(string StepId, int Attempt, string Answer, string Actor) : RunEvent;

/// <summary>A foreach came to these items; each is a task STEP.NUMBER.</summary>
public sealed record ForeachExpanded(string StepId, JsonElement Items) : RunEvent;

/// <summary>A repeat goes on with this iteration, the task STEP.NUMBER.</summary>
public sealed record RepeatContinued(string StepId, int Number, DateTimeOffset? NotBefore) : RunEvent;

/// <summary>A step added tasks to its run, and ends when they have ended. Steps is what it asked for, in the
/// language of workflows.</summary>
public sealed record TasksAdded(string StepId, int Attempt, JsonElement Steps, string? Output,
    JsonElement? Outputs, string? Layer) : RunEvent;

/// <summary>A step stands on a run of its own from here on. The run's own stream begins next.</summary>
/// <param name="Deadline">When the step's time is over.</param>
public sealed record ChildRunRequested(string StepId, int Attempt, string RunId, string Workflow,
    JsonElement? Inputs, string? Repository, string? Ref, DateTimeOffset? Deadline) : RunEvent;

/// <summary>A step's run has cost this much so far. Recorded where a run above has a max_cost_usd.</summary>
public sealed record ChildRunSpent(string StepId, int Attempt, string RunId, decimal CostUsd) : RunEvent;

/// <summary>A step's run has ended; the step goes on with the next fact.</summary>
/// <param name="Status">succeeded, failed, cancelled, or refused where it never began.</param>
/// <param name="Audits">What its audits said at its end.</param>
public sealed record ChildRunEnded(string StepId, int Attempt, string RunId, string Status, decimal CostUsd,
    string? Reason, RunAudits? Audits = null) : RunEvent;

/// <summary>Calls of hashFiles() of a task, answered over the files that it sees (for its outputs: with
/// those that it left). Later evaluations read this.</summary>
public sealed record FilesHashed(string StepId, ImmutableArray<FileHashFact> Hashes) : RunEvent;

/// <summary>A task of a retry takes over its result from the run before, and does not run.</summary>
/// <param name="Outcome">success, skipped, or failure where the step continues on error.</param>
/// <param name="Layers">Its files: sealed workspace layers, copied from that run.</param>
public sealed record TaskReused(string StepId, string FromRun, string Outcome, string? Output,
    JsonElement? Outputs, int? ExitCode, AegisError? Error, ImmutableArray<string>? Layers) : RunEvent;

/// <summary>A step waits for a human's yes: because it says <c>approve</c>, or because a rule of the gate
/// asks about its call.</summary>
/// <param name="Rule">The rules that ask; null for a step's own <c>approve</c>.</param>
/// <param name="CallDigest">The call that they ask about; a yes is for this one only.</param>
/// <param name="Policy">The version of the policy by which they ask; a yes does not outlive it.</param>
/// <param name="Queue">Who is asked; null for whoever started the run.</param>
public sealed record ApprovalRequested(string StepId, string ApprovalId, string? Message,
    DateTimeOffset? ExpiresAt, string? Rule = null, string? CallDigest = null, string? Policy = null,
    string? Queue = null) : RunEvent;

public sealed record ApprovalGranted(string StepId, string ApprovalId, string Actor, string? Reason)
    : RunEvent;

/// <summary>A human said no, or nobody answered in time. The step fails.</summary>
public sealed record ApprovalDenied(string StepId, string ApprovalId, string Actor, string? Reason)
    : RunEvent;

/// <summary>A task holds these resources of the project until it ends.</summary>
public sealed record LockGranted(string StepId, ImmutableArray<string> Paths, long Fence = 0) : RunEvent;

/// <summary>A task can never have these resources; it fails with the same error.</summary>
public sealed record LockDenied(string StepId, ImmutableArray<string> Paths, AegisError Error) : RunEvent;

public sealed record ResourceReleased(string StepId, ImmutableArray<string> Paths) : RunEvent;

/// <summary>A failed attempt of a run that freezes: its workspace is kept as this layer until a human
/// answers.</summary>
public sealed record TaskFrozen(string StepId, int Attempt, AegisError Error, string? Layer) : RunEvent;

/// <summary>A task, or the whole run, took longer than its sla (milliseconds).</summary>
public sealed record SLAViolated(string? StepId, long LimitMs) : RunEvent;

/// <summary>Tasks that stand on something that failed need another plan.</summary>
/// <param name="ReplanScope">task, sub_graph or plan.</param>
/// <param name="Affected">Steps that cannot go on.</param>
public sealed record ReplanRequired(string StepId, string ReplanScope, string Reason,
    ImmutableArray<string> Affected) : RunEvent;

public sealed record RunPaused(string Actor, string? Reason) : RunEvent;

public sealed record RunResumed(string Actor) : RunEvent;

/// <param name="Kind">cost (USD) or time (milliseconds).</param>
public sealed record BudgetExceeded(string Kind, decimal Limit, decimal Spent) : RunEvent;

public sealed record RunCancelRequested(string Actor, string? Reason) : RunEvent;

/// <summary>Last fact of a run in which no task failed.</summary>
public sealed record PlanCompleted(string RunId, string PlanId, JsonElement? Outputs = null) : RunEvent;

public sealed record RunFailed(string Reason) : RunEvent;

public sealed record RunCancelled(string? Reason) : RunEvent;

/// <summary>The first version of an artifact. Stands in the artifact's own stream, which orders its writers,
/// and where a task made it in the run's stream too, with the step.</summary>
public sealed record ArtifactProduced(string? StepId, int Attempt, ArtifactVersion Artifact) : RunEvent;

/// <summary>A further version; see <see cref="ArtifactProduced"/>.</summary>
public sealed record ArtifactUpdated(string? StepId, int Attempt, ArtifactVersion Artifact) : RunEvent;

/// <summary>An audit found nothing that blocks.</summary>
public sealed record AuditPassed(string StepId, int Attempt, string CallId, AuditVerdict Audit) : RunEvent;

/// <summary>An audit found what blocks, or a scanner that must run did not: the veto stands until the same
/// tree passes one.</summary>
public sealed record AuditFailed(string StepId, int Attempt, string CallId, AuditVerdict Audit) : RunEvent;

/// <summary>A payload of this stream was erased; the chain holds by its kept hash.</summary>
public sealed record PayloadErased(int Version, string Actor, string Reason) : RunEvent;
