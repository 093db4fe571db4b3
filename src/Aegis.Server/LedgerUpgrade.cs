using Aegis.Core.Errors;
using Aegis.Ledger.Embedded;
using Aegis.Server.Configuration;

namespace Aegis.Server;

/// <summary><c>./aegis ledger upgrade</c>: moves the embedded cluster to the newest installed PostgreSQL
/// while no server runs on the home.</summary>
internal static class LedgerUpgrade
{
    public static async Task<int> RunAsync(ServerOptions options)
    {
        try
        {
            var (from, to) = await ClusterUpgrade.RunAsync(options.Ledger, TimeProvider.System,
                CancellationToken.None);
            Console.WriteLine($"the ledger's PostgreSQL {from} is now {to}");
            return 0;
        }
        catch (AegisException e)
        {
            await Console.Error.WriteLineAsync(e.Error.ToString());
            return 1;
        }
    }
}
