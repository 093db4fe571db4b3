using Npgsql;
using NpgsqlTypes;

namespace Aegis.Ledger.EventStore;

/// <summary>The one batch of a flush: rows of new streams (if any) and all events, column by column.</summary>
internal sealed class AppendStatement
{
#if AEGIS_SABOTAGE_FENCE
    // never in the product: a fenced node goes on writing, which tests/Aegis.Durability must find out
    private const string EventsQuery = "events.append_unfenced";
#else
    private const string EventsQuery = "events.append";
#endif

    private readonly long nodeKey;

    public AppendStatement(long nodeKey) => this.nodeKey = nodeKey;

    /// <summary>Flushes in one implicit transaction and one round trip.</summary>
    /// <returns>How many rows were inserted: none when the node is fenced.</returns>
    public int Execute(NpgsqlConnection connection, IReadOnlyList<Append> appends)
    {
        using var batch = new NpgsqlBatch(connection);
        var created = appends.Where(a => a.IsNewStream).ToList();
        if (created.Count > 0)
        {
            batch.BatchCommands.Add(Streams(created));
        }
        var events = Events(appends);
        batch.BatchCommands.Add(events);
        batch.ExecuteNonQuery();
        return (int)events.RecordsAffected;
    }

    private NpgsqlBatchCommand Streams(List<Append> created)
    {
        var command = new NpgsqlBatchCommand(Sql.Get("streams.create"));
        Add(command, NpgsqlDbType.Bigint, nodeKey);
        Column(command, NpgsqlDbType.Bigint, created, a => a.Head.Key);
        Column(command, NpgsqlDbType.Integer, created, a => a.Head.Keys.Tenant);
        Column(command, NpgsqlDbType.Integer, created, a => a.Head.Keys.Project);
        Column(command, NpgsqlDbType.Text, created, a => a.Head.StreamId);
        Column(command, NpgsqlDbType.TimestampTz, created, a => a.Events[0].At);
        return command;
    }

    private NpgsqlBatchCommand Events(IReadOnlyList<Append> appends)
    {
        var count = 0;
        foreach (var append in appends)
        {
            count += append.Events.Count;
        }
        var (keys, versions, tenants, projects) = (new long[count], new int[count], new int[count], new int[count]);
        var (times, types) = (new DateTimeOffset[count], new string[count]);
        var (salts, payloads, hashes) = (new byte[count][], new byte[count][], new byte[count][]);
        var i = 0;
        foreach (var append in appends)
        {
            foreach (var e in append.Events)
            {
                (keys[i], tenants[i], projects[i]) = (append.Head.Key, append.Head.Keys.Tenant, append.Head.Keys.Project);
                (versions[i], times[i], types[i]) = (e.Version, e.At, e.Type);
                (salts[i], payloads[i], hashes[i]) = (e.Salt, e.Payload, e.Hash);
                i++;
            }
        }
        var command = new NpgsqlBatchCommand(Sql.Get(EventsQuery));
        Add(command, NpgsqlDbType.Bigint, nodeKey);
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Bigint, keys);
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Integer, versions);
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Integer, tenants);
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Integer, projects);
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, times);
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Text, types);
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Bytea, salts);
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Bytea, payloads);
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Bytea, hashes);
        return command;
    }

    private static void Column<T>(NpgsqlBatchCommand command, NpgsqlDbType type, List<Append> rows, Func<Append, T> of) =>
        Add(command, NpgsqlDbType.Array | type, rows.ConvertAll(new Converter<Append, T>(of)).ToArray());

    private static void Add<T>(NpgsqlBatchCommand command, NpgsqlDbType type, T value) =>
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value, NpgsqlDbType = type });
}
