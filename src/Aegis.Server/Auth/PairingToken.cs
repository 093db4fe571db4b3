using System.Security.Cryptography;
using System.Text;

namespace Aegis.Server.Auth;

/// <summary>What a device shows to begin pairing: <c>aegis_pair_OFFER.TOKEN</c>. Of the token only its
/// SHA-256 is kept.</summary>
internal sealed record PairingToken(string OfferId, byte[] Sha256)
{
    public const string Prefix = "aegis_pair_";

    public static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>Null for what is none.</summary>
    public static PairingToken? Read(string text)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }
        var rest = text[Prefix.Length..];
        var dot = rest.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && rest.Length - dot - 1 is > 0 and <= DoorLimits.PairingTokenCharsMax
            && Core.IdRule.IsValid(rest.AsSpan(0, dot))
            ? new PairingToken(rest[..dot], Hash(rest[(dot + 1)..]))
            : null;
    }
}

/// <summary>Lets in who can only pair (with a pairing token), and sealed connections that say inside who they
/// are. Neither holds a scope.</summary>
public sealed record PairingDoor
{
    /// <summary>The subprotocol of sealed connections.</summary>
    public const string SealedProtocol = "aegis.sealed.v1";
}
