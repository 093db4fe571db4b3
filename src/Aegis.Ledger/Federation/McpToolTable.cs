using Aegis.Core.Federation;
using Aegis.Core.Runs.Events;
using Aegis.Ledger.Secrets;
using Aegis.Ledger.Tenants;
using Npgsql;

namespace Aegis.Ledger.Federation;

/// <summary>A tool as an outside server described it, JSON.</summary>
public sealed record SeenTool(string Name, string Hash, byte[] Description);

/// <summary>A row of <see cref="McpToolTable"/>.</summary>
/// <param name="Seen">What the server says now.</param>
/// <param name="Approved">What somebody approved; null before that.</param>
public sealed record McpToolRow(McpToolPin Pin, byte[] Seen, DateTimeOffset SeenAt, byte[]? Approved,
    string? ApprovedBy, DateTimeOffset? ApprovedAt);

/// <summary>Tools of outside MCP servers and what of them is approved, as role app.</summary>
public sealed class McpToolTable(LedgerDatabase database)
{
    public async Task<IReadOnlyList<McpToolRow>> ListAsync(
        TenancyKeys keys, string? server, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using var command = session.Command("mcp_tools.list", keys.Tenant, keys.Project);
        command.Parameters.Add(new NpgsqlParameter
        {
            Value = (object?)server ?? DBNull.Value,
            NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text,
        });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var rows = new List<McpToolRow>();
        while (await reader.ReadAsync(cancel))
        {
            rows.Add(Row(reader));
        }
        return rows;
    }

    /// <summary>Writes down all that a server says now; what it no longer names is forgotten.</summary>
    public async Task SeeAsync(
        TenancyKeys keys, string server, IReadOnlyList<SeenTool> tools, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        foreach (var tool in tools)
        {
            await using var see = session.Command("mcp_tools.see", keys.Tenant, keys.Project, server,
                tool.Name, tool.Hash, tool.Description);
            await see.ExecuteNonQueryAsync(cancel);
        }
        await using var forget = session.Command("mcp_tools.forget", keys.Tenant, keys.Project, server,
            tools.Select(t => t.Name).ToArray());
        await forget.ExecuteNonQueryAsync(cancel);
        await session.CommitAsync(cancel);
    }

    /// <summary>Null where that tool is not there, or says something else by now.</summary>
    public async Task<McpToolRow?> ApproveAsync(
        TenancyKeys keys, string server, string tool, string hash, string by, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        McpToolRow? row = null;
        string? before = null;
        await using (var approve = session.Command(
            "mcp_tools.approve", keys.Tenant, keys.Project, server, tool, hash, by))
        await using (var reader = await approve.ExecuteReaderAsync(cancel))
        {
            if (await reader.ReadAsync(cancel))
            {
                (row, before) = (Row(reader), reader.IsDBNull(9) ? null : reader.GetString(9));
            }
        }
        if (row is not null)
        {
            await SecretFact.AddToAsync(session, keys, McpStream.Of(server),
                new McpToolApproved(SecretFact.NewId(), server, tool, hash, before, by), cancel);
        }
        await session.CommitAsync(cancel);
        return row;
    }

    private static McpToolRow Row(NpgsqlDataReader reader) => new(
        new McpToolPin(reader.GetString(0), reader.GetString(1),
            reader.IsDBNull(4) ? null : reader.GetString(4), reader.GetString(2)),
        reader.GetFieldValue<byte[]>(3), reader.GetFieldValue<DateTimeOffset>(8),
        reader.IsDBNull(5) ? null : reader.GetFieldValue<byte[]>(5),
        reader.IsDBNull(6) ? null : reader.GetString(6),
        reader.IsDBNull(7) ? null : reader.GetFieldValue<DateTimeOffset>(7));
}
