namespace Aegis.Models.Protocols.Streams;

/// <summary>Joins a further provider's pieces to what the client has seen.</summary>
internal interface IJoin
{
    /// <summary>Adds what of a piece is new to the client.</summary>
    /// <returns>False where the pieces cannot be joined.</returns>
    bool Pass(in ChatPiece piece, List<ChatPiece> fresh);
}
