using System.Text.Json;
using Aegis.Core.Errors;

namespace Aegis.Gate.Policies;

/// <summary>Port: negative constraints minted from failures, which the agents' room fills.</summary>
public interface IVaccines
{
    /// <summary>The vaccine that forbids a call, or null.</summary>
    VaccineHit? Against(Principal by, string tool, JsonElement input);
}

public sealed record VaccineHit(string Vaccine, AegisError Error);

/// <summary>No vaccines yet.</summary>
public sealed class NoVaccines : IVaccines
{
    public static NoVaccines Instance { get; } = new();

    public VaccineHit? Against(Principal by, string tool, JsonElement input) => null;
}
