using Aegis.Blobs;
using Aegis.Ledger.Artifacts;
using Aegis.Ledger.Budgets;
using Aegis.Ledger.Locks;
using Aegis.Ledger.ReadModels;
using Aegis.Ledger.Secrets;
using Npgsql;

namespace Aegis.Ledger.EventStore;

/// <summary>The ledger as the engine has it: role engine, across tenants.</summary>
public sealed class EngineLedger
{
    private readonly LedgerDatabase database;
    private readonly NpgsqlDataSource source;

    public EngineLedger(LedgerDatabase database)
    {
        this.database = database;
        source = database.Source(LedgerRole.Engine);
        Streams = new StreamDirectory(source);
        Events = new EventReader(source);
        ReadModels = new ReadModelStore(source);
        Notices = new NodeNotices(source);
        RunKeys = new RunKeyTable(source);
    }

    public StreamDirectory Streams { get; }

    public EventReader Events { get; }

    public ReadModelStore ReadModels { get; }

    public NodeNotices Notices { get; }

    public RunKeyTable RunKeys { get; }

    public Task<NodeLease> TakeLeaseAsync(CancellationToken cancel) =>
        NodeLease.TakeAsync(source, database.HomeId, cancel);

    public GroupCommit OpenCommit(NodeLease lease) =>
        new(new AppendConnection(database.ConnectionString(LedgerRole.Engine), lease.NodeKey));

    /// <summary>Writes artifacts as this node.</summary>
    public ArtifactWriter Artifacts(NodeLease lease, GroupCommit commit, ArtifactKeys keys, BlobStore blobs,
        TimeProvider time) =>
        new(this, new ArtifactTails(Streams, source), source, lease.NodeKey, commit, keys, blobs, time);

    /// <summary>Moves facts of secrets into their streams as this node.</summary>
    public SecretFactMover SecretFacts(GroupCommit commit) => new(database, this, source, commit);

    /// <summary>The locks of all projects, as this node.</summary>
    public LockTable Locks(NodeLease lease) => new(database, lease.NodeKey);

    /// <summary>Parts of limits for this node.</summary>
    public BudgetLeases Budgets(NodeLease lease) => new(database, lease.NodeKey);

    public RunCommandTable Commands(NodeLease lease) => new(source, lease.NodeKey);
}
