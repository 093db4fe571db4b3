using System.Security.Cryptography;
using Aegis.Models.Protocols;

namespace Aegis.Models.Calls;

/// <summary>Names of answers, where the provider gives none, as each protocol's clients expect
/// them.</summary>
internal static class CallIds
{
    private const int Bytes = 12;

    public static string New(WireProtocol protocol) => protocol switch
    {
        WireProtocol.Anthropic => "msg_",
        WireProtocol.Responses => "resp_",
        _ => "chatcmpl-",
    } + RandomNumberGenerator.GetHexString(2 * Bytes, lowercase: true);
}
