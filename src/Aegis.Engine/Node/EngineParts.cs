using Aegis.Blobs;
using Aegis.Engine.Pump;
using Aegis.Gate;
using Aegis.Ledger;
using Aegis.Ledger.Tenants;
using Microsoft.Extensions.Logging;

namespace Aegis.Engine.Node;

/// <summary>What an engine is made of; the server composes it.</summary>
public sealed record EngineParts(LedgerDatabase Database, TenantDirectory Tenants, BlobStore Blobs, Gate.Gate Gate,
    ToolCatalogue Tools, IAttemptWorkspaces Workspaces, IRunRepositories Repositories, SlotLimits Slots,
    TimeProvider Time, ILogger Log);
