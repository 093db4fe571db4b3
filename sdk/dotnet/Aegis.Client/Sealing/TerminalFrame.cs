using System.Buffers.Binary;

namespace Aegis.Sealing;

/// <summary>What binary messages of a terminal begin with, all numbers big-endian: a kind (1 byte), the
/// channel that the answer of pty.open or pty.attach named (4), an offset (8); bytes of the terminal
/// follow.</summary>
internal readonly record struct TerminalFrame(byte Kind, uint Channel, long Offset)
{
    public const int HeaderBytes = 13;

    /// <summary>What the terminal shows; the offset is its first byte's.</summary>
    public const byte Output = 0;

    /// <summary>What is typed; the offset is its first byte's among all input.</summary>
    public const byte Input = 1;

    /// <summary>Everything before the offset has been received; without bytes.</summary>
    public const byte Ack = 2;

    public static TerminalFrame? Read(ReadOnlySpan<byte> message) => message.Length < HeaderBytes ? null
        : new TerminalFrame(message[0], BinaryPrimitives.ReadUInt32BigEndian(message[1..]),
            BinaryPrimitives.ReadInt64BigEndian(message[5..]));

    public void Write(Span<byte> into)
    {
        into[0] = Kind;
        BinaryPrimitives.WriteUInt32BigEndian(into[1..], Channel);
        BinaryPrimitives.WriteInt64BigEndian(into[5..], Offset);
    }
}
