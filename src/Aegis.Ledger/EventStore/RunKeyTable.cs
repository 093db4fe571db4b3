using System.Security.Cryptography;
using System.Text;
using Aegis.Ledger.Tenants;
using Npgsql;

namespace Aegis.Ledger.EventStore;

/// <summary>Keys by which a start that comes again is known. Only a hash of the key is kept: keys are made of
/// inputs.</summary>
public sealed class RunKeyTable(NpgsqlDataSource engine)
{
    /// <summary>The run that stands for the key in this project: the proposed one, or the one that took the
    /// key before.</summary>
    public async Task<string> TakeAsync(TenancyKeys keys, string key, string proposedRunId,
        CancellationToken cancel)
    {
        while (true)
        {
            await using var command = engine.CreateCommand(Sql.Get("run_keys.take"));
            command.Parameters.AddWithValue(keys.Tenant);
            command.Parameters.AddWithValue(keys.Project);
            command.Parameters.AddWithValue(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
            command.Parameters.AddWithValue(proposedRunId);
            // nothing: another start took the key after this statement began, and the next one sees it
            if (await command.ExecuteScalarAsync(cancel) is string run)
            {
                return run;
            }
        }
    }
}
