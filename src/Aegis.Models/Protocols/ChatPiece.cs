namespace Aegis.Models.Protocols;

public enum PieceKind
{
    /// <summary>The answer began: Id and Name (the model) where they are known.</summary>
    Begin,

    /// <summary>Text goes on.</summary>
    Text,

    /// <summary>The model thinks aloud: Text, or the signature in Id.</summary>
    Reasoning,

    /// <summary>The tool call number Index begins: Id, Name.</summary>
    ToolCall,

    /// <summary>The arguments of tool call number Index go on: Text.</summary>
    Arguments,

    /// <summary>The answer ended: Finish, and in Text the stop sequence where one ended it.</summary>
    Finish,

    Usage,

    /// <summary>The provider reported an error in the stream.</summary>
    Error,

    /// <summary>Anthropic's: a block that is no tool call begins, of the kind in Name.</summary>
    BlockBegin,

    /// <summary>Anthropic's: the open block ends.</summary>
    BlockEnd,
}

/// <summary>A step of a streamed answer.</summary>
/// <param name="Index">Of a tool call, counted from 0 in the order in which they begin.</param>
public readonly record struct ChatPiece(PieceKind Kind, string? Text = null, int Index = 0,
    string? Id = null, string? Name = null)
{
    public FinishReason Finish { get; init; }

    public TokenUsage? Usage { get; init; }

    public WireFailure? Failure { get; init; }
}
