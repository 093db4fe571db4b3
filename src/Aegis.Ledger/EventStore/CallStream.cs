namespace Aegis.Ledger.EventStore;

/// <summary>The stream of a session whose calls are no runs, <c>calls/ID</c>: who opened it, then a fact for
/// each call.</summary>
public static class CallStream
{
    public const string Prefix = "calls/";

    public static string Of(string sessionId) => Prefix + sessionId;

    public static bool Is(string streamId) => streamId.StartsWith(Prefix, StringComparison.Ordinal);
}
