using System.Collections.Frozen;

namespace Aegis.Server.Auth;

/// <summary>The scopes of the doors. Tools add their own, <c>tools:…</c>.</summary>
public static class Scopes
{
    public const string PlansRead = "plans:read";
    public const string PlansWrite = "plans:write";
    public const string RunsRead = "runs:read";
    public const string RunsWrite = "runs:write";
    public const string ApprovalsRead = "approvals:read";
    public const string ApprovalsWrite = "approvals:write";

    public const string Queues = "queues:";

    /// <summary>What waits in one queue, and its answers: <c>queues:support</c>. Stands for the queue that
    /// the door's address names.</summary>
    public const string OfQueue = Queues + "{queue}";

    public const string ProfileRead = "profile:read";
    public const string ProfileWrite = "profile:write";
    public const string RepoRead = "repo:read";
    public const string RepoWrite = "repo:write";
    public const string AuditRead = "audit:read";
    public const string SecretsRead = "secrets:read";
    public const string SecretsWrite = "secrets:write";
    public const string WebhooksRead = "webhooks:read";
    public const string WebhooksWrite = "webhooks:write";
    public const string McpRead = "mcp:read";
    public const string McpWrite = "mcp:write";
    public const string ArtifactsRead = "artifacts:read";
    public const string ArtifactsWrite = "artifacts:write";
    public const string DevicesRead = "devices:read";
    public const string DevicesWrite = "devices:write";
    public const string LocksRead = "locks:read";
    public const string LocksWrite = "locks:write";
    public const string VaccinesRead = "vaccines:read";
    public const string VaccinesWrite = "vaccines:write";
    public const string KnowledgeRead = "knowledge:read";
    public const string DeploymentsRead = "deployments:read";
    public const string DeploymentsWrite = "deployments:write";
    public const string ChatRead = "chat:read";
    public const string ChatWrite = "chat:write";

    /// <summary>Conversations of others in the project too.</summary>
    public const string ChatOthers = "chat:others";
    public const string AdminProjects = "admin:projects";
    public const string AdminKeys = "admin:keys";
    public const string AdminSecrets = "admin:secrets";
    public const string Admin = "admin:*";

    /// <summary>Any key may: it says only who the server is.</summary>
    public const string Any = "";

    /// <summary>Makes and lists tenants. Not part of <c>admin:*</c>: a tenant's administrator is not the
    /// installation's operator.</summary>
    public const string Operator = "operator:tenants";

    public static readonly FrozenSet<string> Known = FrozenSet.ToFrozenSet(
    [
        PlansRead, PlansWrite, RunsRead, RunsWrite, ApprovalsRead, ApprovalsWrite, ProfileRead, ProfileWrite,
        RepoRead, RepoWrite, AuditRead, SecretsRead, SecretsWrite, WebhooksRead, WebhooksWrite,
        ArtifactsRead, ArtifactsWrite, McpRead, McpWrite, DevicesRead, DevicesWrite, "devices:*",
        LocksRead, LocksWrite, "locks:*",
        VaccinesRead, VaccinesWrite, "vaccines:*", KnowledgeRead,
        DeploymentsRead, DeploymentsWrite, "deployments:*",
        ChatRead, ChatWrite, ChatOthers, "chat:*",
        AdminProjects, AdminKeys, AdminSecrets, Admin, Operator, "plans:*",
        "runs:*",
        "approvals:*", "profile:*", "repo:*",
        "secrets:*", "webhooks:*", "mcp:*", "artifacts:*", "audit:*", "tools:*", "queues:*",
    ]);

    /// <summary>A known scope, or one of a queue or a tool.</summary>
    public static bool IsValid(string scope) =>
        Known.Contains(scope)
        || (scope.StartsWith(Queues, StringComparison.Ordinal)
            && Core.IdRule.IsValid(scope.AsSpan(Queues.Length)))
        || (scope.StartsWith("tools:", StringComparison.Ordinal) && scope.Length <= 64
            && Core.IdRule.IsValid(scope.AsSpan(6)));
}
