using Aegis.Core;
using Aegis.Core.Vaccines;

namespace Aegis.Gate.Policies;

/// <summary>The vaccines that bind calls: read into a call's <see cref="GatePolicy"/>, so that the stage that
/// asks them waits for nothing, and told what they stopped.</summary>
public interface IVaccines
{
    /// <summary>Those of a project, its tenant and everybody.</summary>
    ValueTask<VaccineGuard> OfAsync(Tenancy tenancy, CancellationToken cancel);

    /// <summary>Counts a stopped call later; the call does not wait.</summary>
    /// <param name="callId">Null outside of a run.</param>
    void Stopped(Principal by, string tool, VaccineStop stop, string? callId);
}

/// <summary>No vaccines at all: a bench, a node without a ledger.</summary>
public sealed class NoVaccines : IVaccines
{
    public static NoVaccines Instance { get; } = new();

    public ValueTask<VaccineGuard> OfAsync(Tenancy tenancy, CancellationToken cancel) =>
        ValueTask.FromResult(VaccineGuard.None);

    public void Stopped(Principal by, string tool, VaccineStop stop, string? callId)
    {
    }
}
