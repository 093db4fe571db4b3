using System.Security.Cryptography;
using Aegis.Core.Runs.Events;
using Aegis.Ledger.Tenants;

namespace Aegis.Ledger.Secrets;

/// <summary>Writes facts of secrets into the transaction in which they happen; <see cref="SecretFactMover"/>
/// takes them from there into their streams.</summary>
internal static class SecretFact
{
    public static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));

    /// <summary>Into the stream of that secret.</summary>
    public static Task AddAsync(ICommandSource session, TenancyKeys keys, string name, RunEvent fact,
        CancellationToken cancel) => AddToAsync(session, keys, SecretStream.Of(name), fact, cancel);

    /// <summary>Into any stream that nobody else writes.</summary>
    public static async Task AddToAsync(ICommandSource session, TenancyKeys keys, string stream,
        RunEvent fact, CancellationToken cancel)
    {
        await using var add = session.Command("secret_facts.add", keys.Tenant, keys.Project,
            stream, fact.GetType().Name, RunEventCodec.Encode(fact));
        await add.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Into each project of a tenant, or of all of them.</summary>
    public static Task AddEverywhereAsync(
        EngineSession session, int? tenant, RunEvent fact, CancellationToken cancel) =>
        session.ExecuteAsync("secret_facts.add_everywhere", cancel, tenant, SecretStream.Keys,
            fact.GetType().Name, RunEventCodec.Encode(fact));

    public static string? IdOf(RunEvent fact) => fact switch
    {
        SecretStored e => e.FactId,
        SecretBound e => e.FactId,
        SecretDeleted e => e.FactId,
        SecretUsed e => e.FactId,
        DataKeyRotated e => e.FactId,
        MasterKeyRotated e => e.FactId,
        McpToolApproved e => e.FactId,
        DevicePaired e => e.FactId,
        DeviceRevoked e => e.FactId,
        PairingLocked e => e.FactId,
        LeaseGranted e => e.FactId,
        LeaseDenied e => e.FactId,
        LeaseRenewed e => e.FactId,
        LeaseReleased e => e.FactId,
        LeaseExpired e => e.FactId,
        ModelJudged e => e.FactId,
        StandInNamed e => e.FactId,
        StandInEnded e => e.FactId,
        VaccineMinted e => e.FactId,
        VaccineMerged e => e.FactId,
        VaccinePrevented e => e.FactId,
        VaccineReported e => e.FactId,
        VaccineRevoked e => e.FactId,
        VaccinePromoted e => e.FactId,
        VaccineFaded e => e.FactId,
        DeploymentStarted e => e.FactId,
        DeploymentHealthy e => e.FactId,
        DeploymentSwitched e => e.FactId,
        DeploymentRolledBack e => e.FactId,
        DeploymentStopped e => e.FactId,
        DeploymentCrashed e => e.FactId,
        DeploymentPublished e => e.FactId,
        ChatOpened e => e.FactId,
        ChatMessage e => e.FactId,
        IntentDetected e => e.FactId,
        ActionTaken e => e.FactId,
        ChatDeleted e => e.FactId,
        GuestInvited e => e.FactId,
        AuditRulesChanged e => e.FactId,
        _ => null,
    };
}

/// <summary>Streams of facts that doors write: one for each secret, one for the keys that seal them, one for
/// devices, one for locks of holders outside, one for the Auditor's rules.</summary>
public static class SecretStream
{
    public const string Devices = "devices";
    public const string Keys = "secret-keys";
    public const string Locks = "locks";

    /// <summary>Changes of the Auditor's rules.</summary>
    public const string AuditRules = "audit-rules";
    private const string Prefix = "secret/";

    public static string Of(string name) => Prefix + name;

    public static bool Is(string streamId) =>
        streamId is Keys or Devices or Locks or AuditRules
            || streamId.StartsWith(Prefix, StringComparison.Ordinal);
}
