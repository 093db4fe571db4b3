namespace Aegis.Gate;

/// <summary>A part of an answer that is more than text, for clients that can show it. A run keeps text and
/// outputs alone.</summary>
public abstract record ToolContent
{
    /// <summary>Parts of one answer.</summary>
    public const int PartsMax = 64;

    private ToolContent()
    {
    }

    public sealed record Words(string Text) : ToolContent;

    public sealed record Image(ReadOnlyMemory<byte> Bytes, string MimeType) : ToolContent;

    public sealed record Audio(ReadOnlyMemory<byte> Bytes, string MimeType) : ToolContent;

    /// <summary>A document that comes with the answer.</summary>
    public sealed record Document(string Uri, string MimeType, string Text) : ToolContent;

    /// <summary>One that can be read by its address.</summary>
    public sealed record Link(string Uri, string Name, string? MimeType = null) : ToolContent;
}
