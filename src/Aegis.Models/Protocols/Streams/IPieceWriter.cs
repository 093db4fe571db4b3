using System.Buffers;

namespace Aegis.Models.Protocols.Streams;

/// <summary>Writes one streamed answer for a client.</summary>
internal interface IPieceWriter
{
    void Write(in ChatPiece piece, IBufferWriter<byte> to);

    /// <summary>The client saw this piece as its provider wrote it: what is written next goes on from
    /// there.</summary>
    void Follow(in ChatPiece piece);

    /// <summary>The answer is whole.</summary>
    void End(IBufferWriter<byte> to);

    /// <summary>The answer will never be whole; the client is told so.</summary>
    void Fail(WireFailure failure, IBufferWriter<byte> to);
}
