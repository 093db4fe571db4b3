namespace Aegis.Models.Protocols.Streams;

/// <summary>Reads the events of one streamed answer.</summary>
internal interface IPieceReader
{
    /// <summary>The provider said that nothing more comes.</summary>
    bool IsDone { get; }

    /// <exception cref="Json.WireFaultException">The event is not what it should be.</exception>
    void Read(ReadOnlySpan<byte> data, List<ChatPiece> pieces);
}
