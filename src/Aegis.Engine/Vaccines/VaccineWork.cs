using Aegis.Engine.Schedules;
using Aegis.Gate.Vaccines;
using Aegis.Ledger.Tenants;
using Aegis.Ledger.Vaccines;
using Microsoft.Extensions.Logging;

namespace Aegis.Engine.Vaccines;

/// <summary>What the work on vaccines needs.</summary>
/// <param name="FactWaits">Told when a fact waits to be moved into its stream.</param>
public sealed record VaccineParts(VaccineShelf Shelf, VaccineTally Tally, TenantDirectory Tenants,
    Action FactWaits, TimeProvider Time, ILogger Log);

/// <summary>Counts what vaccines stopped, behind the calls, and lets those fade that help nobody. A node that
/// dies loses the counts of its last moment; the runs' own records of the stopped calls stand.</summary>
public sealed class VaccineWork : IAsyncDisposable
{
    /// <summary>Stopped calls that one statement counts.</summary>
    public const int BatchMax = 500;

    public static TimeSpan FadeEvery { get; } = TimeSpan.FromMinutes(10);

    private readonly VaccineParts parts;
    private readonly Beat beat;
    private DateTimeOffset fadedAt;

    private VaccineWork(VaccineParts parts)
    {
        this.parts = parts;
        var wake = new WakeSignal();
        parts.Shelf.Waits = wake.Wake;
        beat = new Beat("vaccines", TurnAsync, wake, parts.Time, parts.Log);
    }

    public static VaccineWork Start(VaccineParts parts) => new(parts);

    public async ValueTask DisposeAsync()
    {
        parts.Shelf.Waits = () => { };
        await beat.DisposeAsync();
        await CountAsync(CancellationToken.None);
    }

    internal async Task<TimeSpan?> TurnAsync(CancellationToken cancel)
    {
        await CountAsync(cancel);
        var now = parts.Time.GetUtcNow();
        if (now - fadedAt >= FadeEvery)
        {
            fadedAt = now;
            if (await parts.Tally.FadeAsync(now, cancel) > 0)
            {
                parts.FactWaits();
            }
        }
        return null;
    }

    private async Task CountAsync(CancellationToken cancel)
    {
        while (parts.Shelf.Take(BatchMax) is { Count: > 0 } stopped)
        {
            var known = new List<(TenancyKeys, StoppedCall)>();
            foreach (var (of, call) in stopped)
            {
                if (await parts.Tenants.ResolveAsync(of, cancel) is { } keys)
                {
                    known.Add((keys, call));
                }
            }
            await parts.Tally.PreventedAsync(known, cancel);
            parts.FactWaits();
        }
    }
}
