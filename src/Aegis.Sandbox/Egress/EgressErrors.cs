using System.Globalization;
using Aegis.Core.Errors;

namespace Aegis.Sandbox.Egress;

/// <summary>Every refusal of the proxy; meanings are in contracts/errors/egress.yaml. Hosts are shown,
/// paths and queries never: they may hold what is secret.</summary>
internal static class EgressErrors
{
    public static EgressRefusedException Denied(AegisError error) => new(403, error);

    public static EgressRefusedException Malformed(string why, string expected) => new(400, new AegisError(
        "AEGIS3100", $"the request cannot be read: {why}", expected,
        Mend: "send it as RFC 9112 writes it; HTTP clients do"));

    public static EgressRefusedException Ambiguous(string why, string expected) => new(400, new AegisError(
        "AEGIS3101", $"the request can be read in two ways: {why}", expected,
        Mend: "let the client send one length, and no other"));

    public static EgressRefusedException HostsDiffer(string target, string host) => new(400, new AegisError(
        "AEGIS3102", "the request names two hosts", $"the header Host to name {target}", host,
        "leave Host to the client"));

    public static EgressRefusedException HeadTooLarge(string what, string expected) => new(431,
        new AegisError("AEGIS3103", $"{what} is too large", expected, Mend: "send fewer or shorter headers"));

    public static EgressRefusedException NoTls(string host, string why) => new(403, new AegisError(
        "AEGIS3104", $"the tunnel to {host} does not begin as TLS does: {why}",
        "a ClientHello whose server name is the tunnel's host",
        Mend: "tunnels carry TLS alone; other protocols have no way out of a sandbox"));

    public static EgressRefusedException OtherName(string host, string name) => new(403, new AegisError(
        "AEGIS3105", $"the tunnel to {host} asks for another server", host, name,
        "connect to the host that is meant, and add it to policy.egress_allow"));

    public static EgressRefusedException NotReached(string host, string why) => new(502, new AegisError(
        "AEGIS3106", $"{host} was not reached: {why}", "a connection",
        Mend: "check the host and its port; try again later"));

    public static EgressRefusedException TooSlow(string what, TimeSpan limit, int status = 504) => new(
        status, new AegisError("AEGIS3107", $"{what} took too long", string.Create(
            CultureInfo.InvariantCulture, $"at most {limit.TotalSeconds} s"), Mend: "try again later"));

    /// <param name="got">What the program inside said.</param>
    public static AegisException NoHandOver(string got) => new(new AegisError("AEGIS3112",
        "the sandbox handed over no way to its proxy, and the command was not started",
        $"a port {ProxyNetwork.Port} on its loopback", got, "Install perl-base; see docs/egress.md"));

    public static EgressRefusedException TooManyBytes(long bytesMax) => new(403, new AegisError("AEGIS3108",
        "the command has moved all the bytes that it may", $"at most {bytesMax} bytes in both directions",
        Mend: "move less, or split the step"));

    public static EgressRefusedException TooManyConnections(int connectionsMax) => new(503, new AegisError(
        "AEGIS3109", "the command holds too many connections", $"at most {connectionsMax} at once",
        Mend: "let the client use fewer at once"));

    public static EgressRefusedException BadAnswer(string host, string why) => new(502, new AegisError(
        "AEGIS3110", $"the answer of {host} cannot be carried: {why}", "an answer of HTTP/1.1",
        Mend: "use https, which is carried unread"));

    public static EgressRefusedException NotTrusted(string host) => new(403, new AegisError("AEGIS3114",
        $"the client does not speak TLS with the command's own authority for {host}",
        $"a client that trusts the file in SSL_CERT_FILE, {CommandAuthority.InsidePath}",
        Mend: "let it read that file, or use the http:// address of the host"));

    public static EgressRefusedException BadSecret(string host) => new(502, new AegisError("AEGIS3111",
        $"a secret that is bound to {host} cannot stand in a request", "visible ASCII and spaces",
        Mend: "set the secret anew"));
}
