using System.Data;
using System.Diagnostics;
using Npgsql;
using NpgsqlTypes;

namespace Aegis.Ledger.EventStore;

/// <summary>The commit thread's own connection, role engine: insert, look up, reconnect. Not thread-safe on
/// purpose.</summary>
public sealed class AppendConnection : IDisposable
{
    /// <summary>How long a broken PostgreSQL is waited for before the node gives up.</summary>
    public static TimeSpan ReconnectMax { get; } = TimeSpan.FromSeconds(60);

    private readonly string connectionString;
    private readonly AppendStatement statement;
    private NpgsqlConnection? connection;

    /// <param name="engineConnectionString">Role engine; pooling is switched off here.</param>
    public AppendConnection(string engineConnectionString, long nodeKey)
    {
        connectionString = new NpgsqlConnectionStringBuilder(engineConnectionString)
        {
            Pooling = false,
            MaxAutoPrepare = 10,
            AutoPrepareMinUsages = 1,
            CommandTimeout = 30,
            ApplicationName = "aegis-commit",
        }.ConnectionString;
        statement = new AppendStatement(nodeKey);
    }

    /// <returns>False when nothing was inserted because the node is fenced.</returns>
    public bool Insert(IReadOnlyList<Append> appends)
    {
        return statement.Execute(Usable(), appends) > 0;
    }

    /// <summary>The hash of each append's first or last event, where it is in the table.</summary>
    public Dictionary<(long Stream, int Version), byte[]> Find(IReadOnlyList<Append> appends, bool first)
    {
        using var command = new NpgsqlCommand(Sql.Get("events.find"), Usable());
        command.Parameters.Add(new NpgsqlParameter<long[]>
        {
            TypedValue = [.. appends.Select(a => a.Head.Key)],
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint,
        });
        command.Parameters.Add(new NpgsqlParameter<int[]>
        {
            TypedValue = [.. appends.Select(a => (first ? a.Events[0] : a.Events[^1]).Version)],
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Integer,
        });
        var found = new Dictionary<(long, int), byte[]>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            found[(reader.GetInt64(0), reader.GetInt32(1))] = reader.GetFieldValue<byte[]>(2);
        }
        return found;
    }

    /// <summary>The streams that have a new stream's id already, but for that stream itself.</summary>
    public Dictionary<(int Tenant, int Project, string Id), long> Taken(IReadOnlyList<Append> appends)
    {
        var made = appends.Where(a => a.IsNewStream).Select(a => a.Head).ToList();
        using var command = new NpgsqlCommand(Sql.Get("streams.taken"), Usable());
        command.Parameters.AddWithValue(made.Select(h => h.Keys.Tenant).ToArray());
        command.Parameters.AddWithValue(made.Select(h => h.Keys.Project).ToArray());
        command.Parameters.AddWithValue(made.Select(h => h.StreamId).ToArray());
        var found = new Dictionary<(int, int, string), long>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            if (made.TrueForAll(h => h.Key != reader.GetInt64(3)))
            {
                found[(reader.GetInt32(0), reader.GetInt32(1), reader.GetString(2))] = reader.GetInt64(3);
            }
        }
        return found;
    }

    /// <summary>Opens a new connection, waiting for PostgreSQL to come back. Throws when it does
    /// not.</summary>
    public void Reconnect(Func<bool> stopping)
    {
        connection?.Dispose();
        connection = null;
        var since = Stopwatch.StartNew();
        var wait = TimeSpan.FromMilliseconds(20);
        while (true)
        {
            try
            {
                connection = Open();
                return;
            }
            catch (Exception e) when (
                e is NpgsqlException or IOException && since.Elapsed < ReconnectMax && !stopping())
            {
                using var pause = new ManualResetEventSlim();
                pause.Wait(wait);
                wait = TimeSpan.FromMilliseconds(Math.Min(wait.TotalMilliseconds * 2, 500));
            }
        }
    }

    public void Dispose() => connection?.Dispose();

    /// <summary>One that broke in a look-up is closed, and a command on it is no passing fault but a caller's
    /// bug; there a new one is as good.</summary>
    private NpgsqlConnection Usable()
    {
        if (connection is { State: not ConnectionState.Open })
        {
            connection.Dispose();
            connection = null;
        }
        return connection ??= Open();
    }

    private NpgsqlConnection Open()
    {
        var opened = new NpgsqlConnection(connectionString);
        try
        {
            opened.Open();
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }
}
