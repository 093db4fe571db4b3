using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Aegis.Sandbox;
using Aegis.Server.Approvals;
using Aegis.Server.Artifacts;
using Aegis.Server.Audit;
using Aegis.Server.Budgets;
using Aegis.Server.Chat;
using Aegis.Server.Deployments;
using Aegis.Server.Devices;
using Aegis.Server.Discovery;
using Aegis.Server.Gateway;
using Aegis.Server.Health;
using Aegis.Server.Hooks;
using Aegis.Server.Knowledge;
using Aegis.Server.LocalModels;
using Aegis.Server.Locks;
using Aegis.Server.Mcp.Outside;
using Aegis.Server.Plans;
using Aegis.Server.Policies;
using Aegis.Server.Problems;
using Aegis.Server.Profiles;
using Aegis.Server.Repositories;
using Aegis.Server.Rooms;
using Aegis.Server.Routing;
using Aegis.Server.Rpc;
using Aegis.Server.Runs;
using Aegis.Server.Runs.Sockets;
using Aegis.Server.Secrets;
using Aegis.Server.Spawns;
using Aegis.Server.Tenancies;
using Aegis.Server.Terminals;
using Aegis.Server.Tools;
using Aegis.Server.Vaccines;
using Aegis.Server.Webhooks;
using Aegis.Server.Workflows;

namespace Aegis.Server.Json;

/// <summary>Everything that doors read and write: snake_case; in requests an unknown or doubled member is
/// refused, in answers null members are left out.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, AllowDuplicateProperties = false,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, MaxDepth = 32)]
[JsonSerializable(typeof(AnthropicModelList))]
[JsonSerializable(typeof(OpenAiModelList))]
[JsonSerializable(typeof(CallPolicyRequest))]
[JsonSerializable(typeof(IDictionary<string, System.Text.Json.JsonElement>))]
[JsonSerializable(typeof(DiscoveryAnswer))]
[JsonSerializable(typeof(PullModelRequest))]
[JsonSerializable(typeof(PinModelRequest))]
[JsonSerializable(typeof(NamedModelRequest))]
[JsonSerializable(typeof(LocalModelAnswer))]
[JsonSerializable(typeof(Listing<LocalModelAnswer>))]
[JsonSerializable(typeof(ModelFilesAnswer))]
[JsonSerializable(typeof(Listing<HubModelAnswer>))]
[JsonSerializable(typeof(ModelUsageAnswer))]
[JsonSerializable(typeof(JudgeCallRequest))]
[JsonSerializable(typeof(ExplainRouteRequest))]
[JsonSerializable(typeof(RouteOutlookAnswer))]
[JsonSerializable(typeof(TestModelsRequest))]
[JsonSerializable(typeof(ModelTestsAnswer))]
[JsonSerializable(typeof(JudgedCallAnswer))]
[JsonSerializable(typeof(ArticleAnswer))]
[JsonSerializable(typeof(Listing<ArticleAnswer>))]
[JsonSerializable(typeof(MintVaccineRequest))]
[JsonSerializable(typeof(VaccineReasonRequest))]
[JsonSerializable(typeof(VaccineAnswer))]
[JsonSerializable(typeof(Listing<VaccineAnswer>))]
[JsonSerializable(typeof(Listing<LearnedModelAnswer>))]
[JsonSerializable(typeof(Listing<ReplacementAnswer>))]
[JsonSerializable(typeof(Listing<ModelUsageAnswer>))]
[JsonSerializable(typeof(CreatePlanRequest))]
[JsonSerializable(typeof(StartRunRequest))]
[JsonSerializable(typeof(SteerRunRequest))]
[JsonSerializable(typeof(RetryRunRequest))]
[JsonSerializable(typeof(RunRetriedAnswer))]
[JsonSerializable(typeof(ResumeRunRequest))]
[JsonSerializable(typeof(SocketCommand))]
[JsonSerializable(typeof(SandboxReport))]
[JsonSerializable(typeof(InvokeToolRequest))]
[JsonSerializable(typeof(ToolAnswer))]
[JsonSerializable(typeof(ApproveOutsideToolRequest))]
[JsonSerializable(typeof(OutsideToolAnswer))]
[JsonSerializable(typeof(Listing<OutsideToolAnswer>))]
[JsonSerializable(typeof(Listing<ToolAnswer>))]
[JsonSerializable(typeof(ToolCallAnswer))]
[JsonSerializable(typeof(AnswerApprovalRequest))]
[JsonSerializable(typeof(ApprovalAnswer))]
[JsonSerializable(typeof(Listing<ApprovalAnswer>))]
[JsonSerializable(typeof(Listing<QueuedApprovalAnswer>))]
[JsonSerializable(typeof(PutArtifactRequest))]
[JsonSerializable(typeof(LinkArtifactRequest))]
[JsonSerializable(typeof(ArtifactAnswer))]
[JsonSerializable(typeof(ArtifactDetailAnswer))]
[JsonSerializable(typeof(Listing<ArtifactAnswer>))]
[JsonSerializable(typeof(DownloadLinkAnswer))]
[JsonSerializable(typeof(ArtifactVerdictAnswer))]
[JsonSerializable(typeof(Listing<ArtifactKeyAnswer>))]
[JsonSerializable(typeof(AffectedAnswer))]
[JsonSerializable(typeof(ResolveTaskRequest))]
[JsonSerializable(typeof(SetProfileRequest))]
[JsonSerializable(typeof(NewIdRequest))]
[JsonSerializable(typeof(CreateKeyRequest))]
[JsonSerializable(typeof(SetSecretRequest))]
[JsonSerializable(typeof(SealHello))]
[JsonSerializable(typeof(AuthParams))]
[JsonSerializable(typeof(PairInitParams))]
[JsonSerializable(typeof(PairConfirmParams))]
[JsonSerializable(typeof(ExecParams))]
[JsonSerializable(typeof(GitStatusParams))]
[JsonSerializable(typeof(GitDiffParams))]
[JsonSerializable(typeof(PullParams))]
[JsonSerializable(typeof(ChatParams))]
[JsonSerializable(typeof(ToolParams))]
[JsonSerializable(typeof(PtyOpenParams))]
[JsonSerializable(typeof(PtyAttachParams))]
[JsonSerializable(typeof(PtyWriteParams))]
[JsonSerializable(typeof(PtyResizeParams))]
[JsonSerializable(typeof(PtyAckParams))]
[JsonSerializable(typeof(PtyEndParams))]
[JsonSerializable(typeof(NoParams))]
[JsonSerializable(typeof(CreateOfferRequest))]
[JsonSerializable(typeof(CreatedOfferAnswer))]
[JsonSerializable(typeof(OfferAnswer))]
[JsonSerializable(typeof(DeviceAnswer))]
[JsonSerializable(typeof(Listing<DeviceAnswer>))]
[JsonSerializable(typeof(TerminalAnswer))]
[JsonSerializable(typeof(Listing<TerminalAnswer>))]
[JsonSerializable(typeof(LockResourceRequest))]
[JsonSerializable(typeof(RenewLockRequest))]
[JsonSerializable(typeof(LockGrantedAnswer))]
[JsonSerializable(typeof(LockAnswer))]
[JsonSerializable(typeof(Listing<LockAnswer>))]
[JsonSerializable(typeof(RollBackRequest))]
[JsonSerializable(typeof(DeploymentAnswer))]
[JsonSerializable(typeof(Listing<DeploymentAnswer>))]
[JsonSerializable(typeof(DetectIntentRequest))]
[JsonSerializable(typeof(IntentAnswer))]
[JsonSerializable(typeof(ChatRequest))]
[JsonSerializable(typeof(ChatAnswer))]
[JsonSerializable(typeof(McpChatRequest))]
[JsonSerializable(typeof(McpChatAnswer))]
[JsonSerializable(typeof(ChatHeardAnswer))]
[JsonSerializable(typeof(ChatPieceAnswer))]
[JsonSerializable(typeof(ImmutableArray<ChatActionAnswer>))]
[JsonSerializable(typeof(ImmutableSortedDictionary<string, string>))]
[JsonSerializable(typeof(ChatSessionAnswer))]
[JsonSerializable(typeof(Listing<ChatSessionAnswer>))]
[JsonSerializable(typeof(ChatHistoryAnswer))]
[JsonSerializable(typeof(InviteGuestRequest))]
[JsonSerializable(typeof(InvitedGuestAnswer))]
[JsonSerializable(typeof(SpawnRequest))]
[JsonSerializable(typeof(SpawnAnswer))]
[JsonSerializable(typeof(Listing<SpawnAnswer>))]
[JsonSerializable(typeof(RotateSecretRequest))]
[JsonSerializable(typeof(BindSecretRequest))]
[JsonSerializable(typeof(RotateKeyRequest))]
[JsonSerializable(typeof(DataKeyAnswer))]
[JsonSerializable(typeof(MasterKeyAnswer))]
[JsonSerializable(typeof(SecretAnswer))]
[JsonSerializable(typeof(Listing<SecretAnswer>))]
[JsonSerializable(typeof(PutWorkflowRequest))]
[JsonSerializable(typeof(AddWebhookRequest))]
[JsonSerializable(typeof(WorkflowAnswer))]
[JsonSerializable(typeof(WorkflowDetailAnswer))]
[JsonSerializable(typeof(Listing<WorkflowAnswer>))]
[JsonSerializable(typeof(HookAnswer))]
[JsonSerializable(typeof(WebhookAnswer))]
[JsonSerializable(typeof(Listing<WebhookAnswer>))]
[JsonSerializable(typeof(DeliveryAnswer))]
[JsonSerializable(typeof(Listing<DeliveryAnswer>))]
[JsonSerializable(typeof(PlanAnswer))]
[JsonSerializable(typeof(PlanDetailAnswer))]
[JsonSerializable(typeof(PlanStatusAnswer))]
[JsonSerializable(typeof(RunStartedAnswer))]
[JsonSerializable(typeof(Listing<RunAnswer>))]
[JsonSerializable(typeof(EventPageAnswer))]
[JsonSerializable(typeof(RunDetailAnswer))]
[JsonSerializable(typeof(ProjectStateAnswer))]
[JsonSerializable(typeof(ProfileAnswer))]
[JsonSerializable(typeof(Listing<AccountAnswer>))]
[JsonSerializable(typeof(KeyAnswer))]
[JsonSerializable(typeof(Listing<KeyAnswer>))]
[JsonSerializable(typeof(Listing<RepositoryAnswer>))]
[JsonSerializable(typeof(AccountAnswer))]
[JsonSerializable(typeof(CreatedTenantAnswer))]
[JsonSerializable(typeof(CreatedKeyAnswer))]
[JsonSerializable(typeof(RepositoryAnswer))]
[JsonSerializable(typeof(AuditVerdictAnswer))]
[JsonSerializable(typeof(AuditRulesAnswer))]
[JsonSerializable(typeof(EvidenceAnswer))]
[JsonSerializable(typeof(ExplainCallRequest))]
[JsonSerializable(typeof(ExplanationAnswer))]
[JsonSerializable(typeof(ReplayPolicyRequest))]
[JsonSerializable(typeof(ReplayAnswer))]
[JsonSerializable(typeof(Listing<TierAnswer>))]
[JsonSerializable(typeof(Listing<BudgetAnswer>))]
[JsonSerializable(typeof(SetTierRequest))]
[JsonSerializable(typeof(SetTenantTierRequest))]
[JsonSerializable(typeof(ProblemAnswer))]
[JsonSerializable(typeof(VersionAnswer))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(ReadyAnswer))]
[JsonSerializable(typeof(AdminKeyFile))]
[JsonSerializable(typeof(ServerFile))]
public sealed partial class DoorJson : JsonSerializerContext;
