using System.Net.WebSockets;
using Aegis.Core.Errors;
using Aegis.Server.Runs.Sockets;

namespace Aegis.Server.Rpc;

/// <summary>What <c>/v1/rpc</c> refuses; contracts/errors/terminals.yaml explains each.</summary>
internal static class RpcErrors
{
    public static AegisError OnlyPairs { get; } = new("AEGIS6303",
        "this connection can only pair", "pair.init or pair.confirm",
        Mend: "pair, then use the device's key");

    public static AegisError OnlyWatched(string session) => new("AEGIS6316",
        $"the terminal {session} is only watched here", "an owner", "a watcher",
        "attach without watch, which takes it over");

    public static AegisError Malformed(string what, string? expected = null, string? got = null) =>
        new("AEGIS6320", what, expected, got, "see docs/API-RPC.md");

    public static AegisError NoSuchOp(string op, IEnumerable<string> ops) => new("AEGIS6321",
        "there is no such op", string.Join(", ", ops), op, "see docs/API-RPC.md");

    public static AegisError TooManyCalls(int max) => new("AEGIS6322",
        "too many calls are under way on this connection", $"at most {max}", null,
        "wait for an answer, or open another connection");

    public static AegisError Broken { get; } = new("AEGIS6323", "the sealed channel is broken",
        "exactly the next frame, sealed with this connection's keys");
}

/// <summary>Why a connection of <c>/v1/rpc</c> is closed.</summary>
internal static class RpcEnd
{
    public static SocketEnd TooBig { get; } = new(WebSocketCloseStatus.MessageTooBig,
        $"AEGIS6320: a message has at most {DoorLimits.RpcMessageBytesMax} bytes");

    public static SocketEnd Broken { get; } =
        new(WebSocketCloseStatus.PolicyViolation, "AEGIS6323: the sealed channel is broken");

    public static SocketEnd Nameless { get; } =
        new(WebSocketCloseStatus.PolicyViolation, "AEGIS6325: the connection did not say who it is");
}
