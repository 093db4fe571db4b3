using System.Collections.Immutable;
using Aegis.Engine.Schedules;
using Aegis.Gate;
using Aegis.Gate.Models;
using Aegis.Gate.Policies;
using Aegis.Ledger;
using Aegis.Ledger.Audit;
using Aegis.Ledger.Secrets;
using Aegis.Ledger.Tenants;
using Aegis.Server.Auth;
using Aegis.Server.Configuration;

namespace Aegis.Server.Rooms;

/// <summary>What the engine is opened with.</summary>
public sealed record EngineParts(ServerOptions Options, TimeProvider Time, ILoggerFactory Loggers,
    LedgerDatabase Ledger, TenantDirectory Tenants, ProfileStore Profiles, InternalTokens Tokens,
    CheckpointWriter Checkpoints, SecretVault Secrets, TriggerSignals Signals)
{
    /// <summary>The installation's tiers.</summary>
    public required TierFile Tiers { get; init; }

    /// <summary>The installation's catalogue of models.</summary>
    public required CatalogueFile Catalogue { get; init; }

    /// <summary>Tools beside the built-in ones.</summary>
    public ImmutableArray<Tool> MoreTools { get; init; } = [];
}
