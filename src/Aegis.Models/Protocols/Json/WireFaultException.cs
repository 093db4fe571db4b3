namespace Aegis.Models.Protocols.Json;

/// <summary>What was read is not what it should be. Whoever asked for the reading says whose fault that is:
/// the client's, whose call it was, or the provider's, whose answer it was.</summary>
internal sealed class WireFaultException(string place, string expected, string got)
    : Exception($"{place}: expected {expected}; got {got}")
{
    public string Place { get; } = place;

    public string Expected { get; } = expected;

    public string Got { get; } = got;
}
