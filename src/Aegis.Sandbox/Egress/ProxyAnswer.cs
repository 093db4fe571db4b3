using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Aegis.Sandbox.Egress;

/// <summary>What the proxy itself says to a client. The code stands in the first line too: some clients
/// show nothing else.</summary>
internal static class ProxyAnswer
{
    public static ReadOnlyMemory<byte> Established { get; } =
        "HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray();

    public static ReadOnlyMemory<byte> Continue { get; } = "HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray();

    // people read it in a terminal, and no page shows it
    private static JsonSerializerOptions Readable { get; } =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A fatal alert <c>unrecognized_name</c>: what a TLS client understands where HTTP is
    /// over.</summary>
    public static ReadOnlyMemory<byte> TlsAlert { get; } = new byte[] { 21, 3, 3, 0, 2, 2, 112 };

    /// <param name="rule">What decided: an entry of egress_allow, or the wall that stands before it.</param>
    public static byte[] Refusal(EgressRefusedException refused, string? rule)
    {
        var error = refused.Error;
        var body = new JsonObject
        {
            ["code"] = error.Code,
            ["title"] = error.Message,
            ["status"] = refused.Status,
            ["rule"] = rule ?? "policy.egress_allow",
            ["expected"] = error.Expected,
            ["got"] = error.Got,
            ["mend"] = error.Mend,
        }.ToJsonString(Readable) + "\n";
        return Encoding.UTF8.GetBytes(
            $"HTTP/1.1 {refused.Status} {error.Code} refused by the egress proxy\r\n"
            + "Content-Type: application/problem+json\r\nConnection: close\r\n"
            + $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");
    }
}
