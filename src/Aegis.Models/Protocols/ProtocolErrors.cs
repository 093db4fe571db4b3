using System.Globalization;
using Aegis.Core.Errors;

namespace Aegis.Models.Protocols;

/// <summary>Why a call cannot be taken as it was sent. Messages name the place in the body; no value of a
/// conversation reaches them.</summary>
public static class ProtocolErrors
{
    public static AegisException Malformed(string place, string expected, string got) => Of(new("AEGIS2386",
        $"the model call is not well formed at {place}", expected, got,
        "see docs/models-protocols.md for what is read"));

    public static AegisException Untranslatable(string place, string what) => Of(new("AEGIS2387",
        $"{place} has no counterpart in the other protocol: {what}",
        Mend: "leave it out, or choose a model of a provider that speaks the protocol of the call"));

    public static AegisException TooLarge(string place, long most, string unit) => Of(new("AEGIS2388",
        $"the model call is too large at {place}",
        string.Create(CultureInfo.InvariantCulture, $"at most {most} {unit}"),
        Mend: "send less; docs/limits.md has every bound"));

    public static string Name(WireProtocol protocol) => protocol switch
    {
        WireProtocol.Anthropic => "Anthropic's messages",
        WireProtocol.Responses => "OpenAI's responses",
        _ => "OpenAI's chat completions",
    };

    private static AegisException Of(AegisError error) => new(error);
}
