using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Deployments;
using Aegis.Core.Runs.Events;
using Aegis.Ledger.Secrets;
using Aegis.Ledger.Tenants;
using Npgsql;

namespace Aegis.Ledger.Deployments;

/// <summary>The stream of one deployment, <c>deployment/NAME</c>.</summary>
public static class DeploymentStream
{
    private const string Prefix = "deployment/";

    public static string Of(string name) => Prefix + name;

    public static bool Is(string streamId) => streamId.StartsWith(Prefix, StringComparison.Ordinal);
}

/// <summary>What is wanted of a deployment, and what is served.</summary>
/// <param name="Wanted"><c>running</c> or <c>stopped</c>.</param>
/// <param name="Before">The release that a rollback goes back to.</param>
public sealed record DeploymentRow(string Name, string HomeId, int? Port, string Wanted, string Status,
    string? Release, string? Before, string? Error, int Restarts, DateTimeOffset UpdatedAt)
{
    public const string Running = "running";
    public const string Stopped = "stopped";
    public const string Starting = "starting";
    public const string Healthy = "healthy";
    public const string Unhealthy = "unhealthy";
    public const string CrashLoop = "crash_loop";
    public const string Failed = "failed";
    public const string Process = "process";

    /// <summary>What serves it: <c>process</c>, or what others than this server run.</summary>
    public string Target { get; init; } = Process;

    /// <summary>Where it answers, for targets that others run.</summary>
    public string? Url { get; init; }
}

/// <summary>A version that was deployed.</summary>
/// <param name="CallId">The call of a run that deployed it.</param>
/// <param name="Verdict"><c>starting</c>, <c>served</c> or <c>rolled_back</c>.</param>
public sealed record ReleaseRow(string Id, ReleaseSpec Spec, string? CallId, string Actor,
    DateTimeOffset DeployedAt, string Verdict)
{
    public const string Starting = "starting";
    public const string Served = "served";
    public const string RolledBack = "rolled_back";
}

/// <summary>Deployments and their versions, as role app; each change is written with its facts.</summary>
public sealed class DeploymentTable(LedgerDatabase database)
{
    public string HomeId => database.HomeId;

    public static string NewFactId() => SecretFact.NewId();

    /// <summary>False where the deployment is another home's, or another target's.</summary>
    public async Task<bool> WriteAsync(TenancyKeys keys, DeploymentRow row, ReleaseRow? release,
        IEnumerable<RunEvent> facts, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using (var write = session.Command("deployments.write", keys.Tenant, keys.Project, row.Name,
            row.HomeId, row.Port, row.Wanted, row.Status, row.Release, row.Before, row.Error, row.Restarts,
            row.UpdatedAt, row.Target, row.Url))
        {
            if (await write.ExecuteNonQueryAsync(cancel) == 0)
            {
                return false;
            }
        }
        if (release is not null)
        {
            await using var version = session.Command("deployment_releases.write", keys.Tenant, keys.Project,
                row.Name, release.Id, release.Spec.ToJson(), release.CallId, release.Actor,
                release.DeployedAt, release.Verdict);
            await version.ExecuteNonQueryAsync(cancel);
        }
        foreach (var fact in facts)
        {
            await SecretFact.AddToAsync(session, keys, DeploymentStream.Of(row.Name), fact, cancel);
        }
        await session.CommitAsync(cancel);
        return true;
    }

    /// <summary>By name.</summary>
    public async Task<List<DeploymentRow>> ListAsync(TenancyKeys keys, string? after, int limit,
        CancellationToken cancel, string? only = null)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using var command = session.Command(
            "deployments.list", keys.Tenant, keys.Project, after, only, limit);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var rows = new List<DeploymentRow>();
        while (await reader.ReadAsync(cancel))
        {
            rows.Add(new DeploymentRow(reader.GetString(0), reader.GetString(1),
                reader.IsDBNull(2) ? null : reader.GetInt32(2), reader.GetString(3), reader.GetString(4),
                Text(reader, 5), Text(reader, 6), Text(reader, 7), reader.GetInt32(8),
                reader.GetFieldValue<DateTimeOffset>(9))
                { Target = reader.GetString(10), Url = Text(reader, 11) });
        }
        return rows;
    }

    public async Task<DeploymentRow?> FindAsync(TenancyKeys keys, string name, CancellationToken cancel) =>
        (await ListAsync(keys, null, 1, cancel, name)).FirstOrDefault();

    /// <summary>The newest first.</summary>
    public async Task<ImmutableArray<ReleaseRow>> ReleasesAsync(
        TenancyKeys keys, string name, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using var command = session.Command("deployment_releases.list", keys.Tenant, keys.Project, name,
            2 * DeploymentLimits.KeptMax);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var rows = ImmutableArray.CreateBuilder<ReleaseRow>();
        while (await reader.ReadAsync(cancel))
        {
            rows.Add(new ReleaseRow(reader.GetString(0), ReleaseSpec.FromJson(reader.GetString(1)),
                Text(reader, 2), reader.GetString(3), reader.GetFieldValue<DateTimeOffset>(4),
                reader.GetString(5)));
        }
        return rows.ToImmutable();
    }

    public async Task ForgetAsync(
        TenancyKeys keys, string name, IEnumerable<string> releases, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        await using var forget = session.Command("deployment_releases.forget", keys.Tenant, keys.Project,
            name, releases.ToArray());
        await forget.ExecuteNonQueryAsync(cancel);
        await session.CommitAsync(cancel);
    }

    /// <summary>All of this home, of every project.</summary>
    public async Task<List<(TenancyKeys Keys, Tenancy Tenancy, string Name)>> OfHomeAsync(
        CancellationToken cancel)
    {
        await using var session = await EngineSession.OpenAsync(database, cancel);
        await using var command = session.Command("deployments.of_home", database.HomeId);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = new List<(TenancyKeys, Tenancy, string)>();
        while (await reader.ReadAsync(cancel))
        {
            found.Add((new TenancyKeys(reader.GetInt32(0), reader.GetInt32(1)),
                new Tenancy(reader.GetString(2), reader.GetString(3)), reader.GetString(4)));
        }
        return found;
    }

    private static string? Text(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);
}
