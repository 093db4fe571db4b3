using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Sealing;
using Aegis.Server.Json;

namespace Aegis.Server.Rpc;

/// <summary>The beginning of a sealed connection: one message each way in clear, with keys that are good for
/// nothing else.</summary>
internal static class RpcSeal
{
    public const string Op = "e2e.hello";

    /// <summary>The public key by which clients know this installation, base64url.</summary>
    public static string ServerKey(byte[] linkKey)
    {
        using var lasting = SealedHandshake.LastingKey(linkKey);
        return Base64Url.EncodeToString(SealedHandshake.PointOf(lasting));
    }

    /// <exception cref="RpcBrokenException">The client's message is none.</exception>
    public static async Task AgreeAsync(RpcSession session)
    {
        if (await session.Wire.ReceiveAsync() is not { Binary: false } frame
            || Hello(frame.Bytes.Span) is not var (point, nonce))
        {
            throw new RpcBrokenException(RpcEnd.Broken);
        }
        using var lasting = SealedHandshake.LastingKey(session.Parts.Secrets.LinkKey());
        using var handshake = SealedHandshake.Begin();
        var channel = handshake.Answer(lasting, point, nonce)
            ?? throw new RpcBrokenException(RpcEnd.Broken);
        await session.Wire.SendAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("op", Op);
            json.WriteString("server_key", Text(SealedHandshake.PointOf(lasting)));
            json.WriteString("key", Text(handshake.Point));
            json.WriteString("nonce", Text(handshake.Nonce));
            json.WriteEndObject();
        });
        session.Wire.Seal(channel);
    }

    private static (byte[] Point, byte[] Nonce)? Hello(ReadOnlySpan<byte> text)
    {
        try
        {
            var hello = RpcMessage.Read(text).Bind(DoorJson.Default.SealHello);
            return hello.Op == Op
                ? (Base64Url.DecodeFromChars(hello.Key), Base64Url.DecodeFromChars(hello.Nonce))
                : null;
        }
        catch (Exception e) when (e is AegisException or FormatException)
        {
            return null;
        }
    }

    private static string Text(byte[] bytes) => Base64Url.EncodeToString(bytes);
}
