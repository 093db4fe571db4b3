using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aegis.Client;

/// <summary>The wire's JSON: snake_case, absent where null.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PlanSummary))]
[JsonSerializable(typeof(PlanDetail))]
[JsonSerializable(typeof(PlanStatus))]
[JsonSerializable(typeof(RunStarted))]
[JsonSerializable(typeof(RunDetail))]
[JsonSerializable(typeof(RunPage))]
[JsonSerializable(typeof(RunEvent))]
[JsonSerializable(typeof(EventPage))]
[JsonSerializable(typeof(StartRun))]
[JsonSerializable(typeof(CreatePlan))]
[JsonSerializable(typeof(SteerRun))]
[JsonSerializable(typeof(Approval))]
[JsonSerializable(typeof(ApprovalPage))]
[JsonSerializable(typeof(AffectedTasks))]
[JsonSerializable(typeof(ResolveTask))]
[JsonSerializable(typeof(Profile))]
[JsonSerializable(typeof(SetProfile))]
[JsonSerializable(typeof(NamedId))]
[JsonSerializable(typeof(CreatedTenant))]
[JsonSerializable(typeof(Project))]
[JsonSerializable(typeof(CreateKey))]
[JsonSerializable(typeof(CreatedKey))]
[JsonSerializable(typeof(Listing<Tenant>))]
[JsonSerializable(typeof(Listing<Project>))]
[JsonSerializable(typeof(Listing<KeySummary>))]
[JsonSerializable(typeof(Listing<Repository>))]
[JsonSerializable(typeof(Repository))]
[JsonSerializable(typeof(AuditVerdict))]
[JsonSerializable(typeof(ServerVersion))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(JsonElement))]
public sealed partial class ClientJson : JsonSerializerContext;
