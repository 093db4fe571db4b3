using System.Diagnostics;
using Aegis.Tests.Shared;

namespace Aegis.Ledger.Tests.Embedded;

/// <summary>A home with a cluster that was made and stopped, copied from one: initdb is a second, a copy is
/// not.</summary>
internal static class MadeHome
{
    private static readonly Lazy<Task<string>> Original = new(async () =>
    {
        var home = TestHome.Make();
        await using var ledger = await LedgerDatabase.OpenAsync(new LedgerOptions { HomeDirectory = home },
            TimeProvider.System, CancellationToken.None);
        return home;
    });

    public static async Task<string> CopyAsync()
    {
        var home = TestHome.Make();
        var from = await Original.Value;
        using var copy = Process.Start("cp", ["-a", $"{from}/postgres", $"{from}/home.id", $"{home}/"]);
        await copy.WaitForExitAsync();
        Assert.Equal(0, copy.ExitCode);
        return home;
    }
}
