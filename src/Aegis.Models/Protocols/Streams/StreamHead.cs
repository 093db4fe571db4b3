using Aegis.Models.Protocols.Anthropic;
using Aegis.Models.Protocols.OpenAi;
using Aegis.Models.Protocols.Responses;

namespace Aegis.Models.Protocols.Streams;

/// <summary>What a stream that is written says of itself.</summary>
/// <param name="Id">Used where the provider names none.</param>
/// <param name="Created">Seconds since 1970.</param>
/// <param name="ShowUsage">Whether the client asked for the usage; Anthropic's clients always get it.</param>
public sealed record StreamHead(string Id, string Model, long Created, bool ShowUsage)
{
    internal IPieceWriter Writer(WireProtocol client) => client switch
    {
        WireProtocol.Anthropic => new AnthropicPieceWriter(this),
        WireProtocol.Responses => new ResponsesPieceWriter(this),
        _ => new OpenAiPieceWriter(this),
    };
}
