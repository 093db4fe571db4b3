using Aegis.Engine.Schedules;
using Aegis.Ledger.Secrets;
using Microsoft.Extensions.Logging;

namespace Aegis.Engine.Node;

/// <summary>Moves facts of secrets into their streams as soon as there are some, and looks every few seconds
/// for those of another node.</summary>
public sealed class SecretFactWork : IAsyncDisposable
{
    private readonly Beat beat;

    private SecretFactWork(Beat beat) => this.beat = beat;

    internal static SecretFactWork Start(
        SecretVault vault, SecretFactMover mover, TimeProvider time, ILogger log)
    {
        var wake = new WakeSignal();
        vault.FactWaits = wake.Wake;
        return new SecretFactWork(
            new Beat("secret facts", cancel => TurnAsync(mover, cancel), wake, time, log));
    }

    public ValueTask DisposeAsync() => beat.DisposeAsync();

    private static async Task<TimeSpan?> TurnAsync(SecretFactMover mover, CancellationToken cancel)
    {
        while (await mover.TurnAsync(cancel) == SecretFactMover.PageMax)
        {
            // the next page
        }
        return null;
    }
}
