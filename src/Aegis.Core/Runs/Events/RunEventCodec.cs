using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Aegis.Core.Runs.Events;

/// <summary>Facts to payload bytes and back. The bytes are what is hashed; nothing ever rewrites
/// them.</summary>
public static class RunEventCodec
{
    private static readonly FrozenDictionary<Type, JsonTypeInfo> ByType = new[]
    {
        typeof(PlanCreated), typeof(RunStarted), typeof(TaskStarted), typeof(ToolCalled), typeof(ToolDenied),
        typeof(ToolReturned), typeof(ModelReplied), typeof(TaskCompleted), typeof(TaskFailed),
        typeof(TaskSkipped),
        typeof(TaskCancelled),
        typeof(TaskRetryScheduled), typeof(TaskInDoubt), typeof(TaskResolved), typeof(BudgetExceeded),
        typeof(RunCancelRequested), typeof(PlanCompleted), typeof(RunFailed), typeof(RunCancelled),
        typeof(PayloadErased),
        typeof(ForeachExpanded),
        typeof(RepeatContinued),
        typeof(TasksAdded),
        typeof(ApprovalRequested),
        typeof(ApprovalGranted),
        typeof(ApprovalDenied),
        typeof(TaskFrozen),
        typeof(SLAViolated),
        typeof(ReplanRequired),
        typeof(RunPaused),
        typeof(RunResumed),
        typeof(ResourceReleased),
        typeof(LockGranted),
        typeof(LockDenied),
        typeof(RunAdmitted),
        typeof(ChildRunRequested),
        typeof(ChildRunSpent),
        typeof(ChildRunEnded),
        typeof(TaskReused),
        typeof(FilesHashed),
        typeof(ArtifactProduced),
        typeof(ArtifactUpdated),
        typeof(AuditPassed), typeof(AuditFailed),
        typeof(DevicePaired), typeof(DeviceRevoked), typeof(PairingLocked),
        typeof(SecretStored), typeof(SecretBound), typeof(SecretDeleted), typeof(SecretUsed),
        typeof(DataKeyRotated), typeof(MasterKeyRotated),
        typeof(SessionOpened), typeof(McpToolApproved),
        typeof(LeaseGranted), typeof(LeaseDenied), typeof(LeaseRenewed), typeof(LeaseReleased),
        typeof(LeaseExpired),
        typeof(PatchProposed), typeof(PatchApplied), typeof(PatchRolledBack),
        typeof(ModelJudged), typeof(StandInNamed), typeof(StandInEnded),
        typeof(VaccineMinted), typeof(VaccineMerged), typeof(VaccinePrevented), typeof(VaccineReported),
        typeof(VaccineRevoked), typeof(VaccinePromoted), typeof(VaccineFaded),
        typeof(DeploymentStarted), typeof(DeploymentHealthy), typeof(DeploymentSwitched),
        typeof(DeploymentRolledBack), typeof(DeploymentStopped), typeof(DeploymentCrashed),
        typeof(DeploymentPublished),
        typeof(ChatOpened), typeof(ChatMessage), typeof(IntentDetected), typeof(ActionTaken),
        typeof(ChatDeleted), typeof(GuestInvited),
        typeof(AuditRulesChanged),
    }.ToFrozenDictionary(t => t, t => RunEventJson.Default.GetTypeInfo(t)!);

    private static readonly FrozenDictionary<string, JsonTypeInfo> ByName =
        ByType.ToFrozenDictionary(p => p.Key.Name, p => p.Value, StringComparer.Ordinal);

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? writer;

    public static IEnumerable<string> TypeNames => ByName.Keys;

    public static byte[] Encode(RunEvent fact)
    {
        buffer ??= new ArrayBufferWriter<byte>(1024);
        writer ??= new Utf8JsonWriter(buffer);
        buffer.ResetWrittenCount();
        writer.Reset(buffer);
        JsonSerializer.Serialize(writer, fact, ByType[fact.GetType()]);
        return buffer.WrittenSpan.ToArray();
    }

    public static RunEvent Decode(string type, ReadOnlySpan<byte> payload) =>
        ByName.TryGetValue(type, out var info)
            ? (RunEvent)JsonSerializer.Deserialize(payload, info)!
            : throw new Errors.InvariantViolationException($"event type {type} is unknown to this version");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(PlanCreated))]
[JsonSerializable(typeof(RunStarted))]
[JsonSerializable(typeof(TaskStarted))]
[JsonSerializable(typeof(ToolCalled))]
[JsonSerializable(typeof(ToolDenied))]
[JsonSerializable(typeof(ToolReturned))]
[JsonSerializable(typeof(ModelReplied))]
[JsonSerializable(typeof(TaskCompleted))]
[JsonSerializable(typeof(TaskFailed))]
[JsonSerializable(typeof(TaskSkipped))]
[JsonSerializable(typeof(TaskCancelled))]
[JsonSerializable(typeof(TaskRetryScheduled))]
[JsonSerializable(typeof(TaskInDoubt))]
[JsonSerializable(typeof(TaskResolved))]
[JsonSerializable(typeof(BudgetExceeded))]
[JsonSerializable(typeof(RunCancelRequested))]
[JsonSerializable(typeof(PlanCompleted))]
[JsonSerializable(typeof(RunFailed))]
[JsonSerializable(typeof(RunCancelled))]
[JsonSerializable(typeof(PayloadErased))]
[JsonSerializable(typeof(ForeachExpanded))]
[JsonSerializable(typeof(RepeatContinued))]
[JsonSerializable(typeof(TasksAdded))]
[JsonSerializable(typeof(ApprovalRequested))]
[JsonSerializable(typeof(ApprovalGranted))]
[JsonSerializable(typeof(ApprovalDenied))]
[JsonSerializable(typeof(TaskFrozen))]
[JsonSerializable(typeof(SLAViolated))]
[JsonSerializable(typeof(ReplanRequired))]
[JsonSerializable(typeof(RunPaused))]
[JsonSerializable(typeof(RunResumed))]
[JsonSerializable(typeof(ResourceReleased))]
[JsonSerializable(typeof(LockGranted))]
[JsonSerializable(typeof(LockDenied))]
[JsonSerializable(typeof(RunAdmitted))]
[JsonSerializable(typeof(ChildRunRequested))]
[JsonSerializable(typeof(ChildRunSpent))]
[JsonSerializable(typeof(ChildRunEnded))]
[JsonSerializable(typeof(TaskReused))]
[JsonSerializable(typeof(FilesHashed))]
[JsonSerializable(typeof(ArtifactProduced))]
[JsonSerializable(typeof(ArtifactUpdated))]
[JsonSerializable(typeof(AuditPassed))]
[JsonSerializable(typeof(AuditFailed))]
[JsonSerializable(typeof(SecretStored))]
[JsonSerializable(typeof(SecretBound))]
[JsonSerializable(typeof(SecretDeleted))]
[JsonSerializable(typeof(SecretUsed))]
[JsonSerializable(typeof(DevicePaired))]
[JsonSerializable(typeof(DeviceRevoked))]
[JsonSerializable(typeof(PairingLocked))]
[JsonSerializable(typeof(DataKeyRotated))]
[JsonSerializable(typeof(MasterKeyRotated))]
[JsonSerializable(typeof(SessionOpened))]
[JsonSerializable(typeof(McpToolApproved))]
[JsonSerializable(typeof(LeaseGranted))]
[JsonSerializable(typeof(LeaseDenied))]
[JsonSerializable(typeof(LeaseRenewed))]
[JsonSerializable(typeof(LeaseReleased))]
[JsonSerializable(typeof(LeaseExpired))]
[JsonSerializable(typeof(PatchProposed))]
[JsonSerializable(typeof(PatchApplied))]
[JsonSerializable(typeof(PatchRolledBack))]
[JsonSerializable(typeof(ModelJudged))]
[JsonSerializable(typeof(StandInNamed))]
[JsonSerializable(typeof(StandInEnded))]
[JsonSerializable(typeof(VaccineMinted))]
[JsonSerializable(typeof(VaccineMerged))]
[JsonSerializable(typeof(VaccinePrevented))]
[JsonSerializable(typeof(VaccineReported))]
[JsonSerializable(typeof(VaccineRevoked))]
[JsonSerializable(typeof(VaccinePromoted))]
[JsonSerializable(typeof(VaccineFaded))]
[JsonSerializable(typeof(DeploymentStarted))]
[JsonSerializable(typeof(DeploymentHealthy))]
[JsonSerializable(typeof(DeploymentSwitched))]
[JsonSerializable(typeof(DeploymentRolledBack))]
[JsonSerializable(typeof(DeploymentStopped))]
[JsonSerializable(typeof(DeploymentCrashed))]
[JsonSerializable(typeof(DeploymentPublished))]
[JsonSerializable(typeof(ChatOpened))]
[JsonSerializable(typeof(ChatMessage))]
[JsonSerializable(typeof(IntentDetected))]
[JsonSerializable(typeof(ActionTaken))]
[JsonSerializable(typeof(ChatDeleted))]
[JsonSerializable(typeof(GuestInvited))]
[JsonSerializable(typeof(AuditRulesChanged))]
internal sealed partial class RunEventJson : JsonSerializerContext;
