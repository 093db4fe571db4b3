namespace Aegis.Ledger.Vaccines;

/// <summary>The stream of a vaccine, <c>vaccine/ID</c>: in each project what happened to it there.</summary>
public static class VaccineStream
{
    private const string Prefix = "vaccine/";

    public static string Of(string id) => Prefix + id;

    public static bool Is(string streamId) => streamId.StartsWith(Prefix, StringComparison.Ordinal);
}
