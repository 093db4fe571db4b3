using Aegis.Core.Errors;
using Aegis.Ledger.Idempotency;

namespace Aegis.Server.Idempotency;

/// <summary>Refusals of requests for the sake of their Idempotency-Key.</summary>
internal static class IdempotencyErrors
{
    public static AegisError Malformed(string got) =>
        new("AEGIS6071", $"the header {IdempotencyMiddleware.Header} is malformed",
            $"one, of 1 to {DoorLimits.IdempotencyKeyCharsMax} visible ASCII characters", got,
            "send a UUID");

    public static AegisError OtherRequest { get; } =
        new("AEGIS6072", "this key was sent with another request before",
            "the same method, path, query and body", Mend: "choose a new key for each new request");

    public static AegisError GoesOn { get; } =
        new("AEGIS6073", "the first request with this key goes on",
            Mend: $"send it again in a moment; a server that died lets go of it in "
                + $"{IdempotencyTable.Hold.TotalSeconds:0} s");

    public static AegisError NotKept { get; } =
        new("AEGIS6074", "the request was done, and its answer was too long to be kept",
            $"at most {IdempotencyTable.BodyBytesMax} bytes",
            Mend: "read what it made, at the header Location where there is one");

    public static AegisError NotTaken { get; } =
        new("AEGIS6075", $"this door takes no {IdempotencyMiddleware.Header}: its answer shows a secret "
            + "once, and would have to be kept", "none", IdempotencyMiddleware.Header,
            "leave the header out; after a lost answer revoke the key and make another");
}
