namespace Aegis.Ledger.Chat;

/// <summary>Streams of what people say: <c>chat/ID</c> for each session, <c>intents</c> for sentences without
/// one, <c>guests</c> for who was let in.</summary>
public static class ChatStream
{
    public const string Intents = "intents";
    public const string Guests = "guests";
    private const string Prefix = "chat/";

    public static string Of(string sessionId) => Prefix + sessionId;

    public static bool Is(string streamId) => streamId is Intents or Guests
        || streamId.StartsWith(Prefix, StringComparison.Ordinal);
}
