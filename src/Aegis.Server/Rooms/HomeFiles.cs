using System.Globalization;
using System.Text.Json;
using Aegis.Blobs;
using Aegis.Core;
using Aegis.Ledger.Tenants;
using Aegis.Server.Auth;
using Aegis.Server.Configuration;
using Aegis.Server.Json;
using Aegis.Server.Tenancies;

namespace Aegis.Server.Rooms;

/// <summary>The two files by which others find the server: the first key, and where it listens.</summary>
public static class HomeFiles
{
    public const string FirstTenant = "default";

    /// <summary>Makes the first tenant, project and key where the ledger has none. A kill between the key's
    /// making and its file leaves the mark behind, and the next start makes another key.</summary>
    public static async Task EnsureFirstKeyAsync(ServerOptions options, TenantDirectory tenants, Uri server,
        CancellationToken cancel)
    {
        var mark = options.AdminKeyFile + ".pending";
        var known = await tenants.ListTenantsAsync(cancel);
        if (known.Length > 0 && !File.Exists(mark))
        {
            return;
        }
        DurableFile.Write(mark, []);
        var tenancy = new Tenancy(FirstTenant, TenantDoors.FirstProject);
        if (known.All(t => t.Id != FirstTenant))
        {
            await tenants.CreateTenantAsync(FirstTenant, cancel);
        }
        if (await tenants.ResolveAsync(tenancy, cancel) is null)
        {
            await tenants.CreateProjectAsync(tenancy, cancel);
        }
        var key = await tenants.CreateKeyAsync(
            FirstTenant, null, "first admin", [Scopes.Admin, Scopes.Operator],
            cancel);
        var file = new AdminKeyFile(Text(server), key.Secret, tenancy.Tenant, tenancy.Project);
        DurableFile.Write(options.AdminKeyFile,
            JsonSerializer.SerializeToUtf8Bytes(file, DoorJson.Default.AdminKeyFile));
        File.Delete(mark);
    }

    /// <summary>Says that the server is ready and where. The start time tells it from a later process of the
    /// same id.</summary>
    public static void WriteServerFile(ServerOptions options, Uri server)
    {
        var file = new ServerFile(Environment.ProcessId, StartTime(), Text(server));
        DurableFile.Write(
            options.ServerFile, JsonSerializer.SerializeToUtf8Bytes(file, DoorJson.Default.ServerFile));
    }

    public static void RemoveServerFile(ServerOptions options) => File.Delete(options.ServerFile);

    // without the final slash: scripts append paths
    private static string Text(Uri server) => server.GetLeftPart(UriPartial.Authority);

    // clock ticks since boot: the 22nd field of stat, the 20th after the name in parentheses
    private static long StartTime()
    {
        var stat = File.ReadAllText("/proc/self/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return long.Parse(fields[19], CultureInfo.InvariantCulture);
    }
}

/// <summary>$AEGIS_HOME/admin-key.json, mode 0600.</summary>
public sealed record AdminKeyFile(string Url, string Key, string Tenant, string Project);

/// <summary>$AEGIS_HOME/server.json, there while the server is ready.</summary>
public sealed record ServerFile(int Pid, long StartTime, string Url);
