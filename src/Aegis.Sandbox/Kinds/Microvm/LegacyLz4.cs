using System.Buffers.Binary;

namespace Aegis.Sandbox.Kinds.Microvm;

/// <summary>The "legacy" frame of LZ4 in which kernels are packed: blocks of 8 MiB, each behind its length.
/// Written here because the platform has no LZ4 and a package would serve this one file.</summary>
internal static class LegacyLz4
{
    private const int BlockBytes = 8 << 20;

    /// <summary>Throws <see cref="InvalidDataException"/> for anything but a whole frame of at most
    /// <paramref name="bytesMax"/> bytes.</summary>
    public static byte[] Expand(ReadOnlySpan<byte> frame, int bytesMax)
    {
        using var whole = new MemoryStream();
        var block = new byte[BlockBytes];
        var at = 4;
        // the packer appends the unpacked size in four bytes
        while (at + 4 < frame.Length)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(frame[at..]);
            at += 4;
            if (length <= 0 || length > frame.Length - at)
            {
                throw new InvalidDataException("an LZ4 block is cut off");
            }
            var made = Block(frame.Slice(at, length), block);
            if (whole.Length + made > bytesMax)
            {
                throw new InvalidDataException($"more than {bytesMax} bytes");
            }
            whole.Write(block, 0, made);
            at += length;
        }
        return whole.ToArray();
    }

    private static int Block(ReadOnlySpan<byte> from, Span<byte> to)
    {
        int at = 0, made = 0;
        while (at < from.Length)
        {
            var token = from[at++];
            var literals = Length(from, ref at, token >> 4);
            if (literals > from.Length - at || literals > to.Length - made)
            {
                throw new InvalidDataException("LZ4 literals leave their block");
            }
            from.Slice(at, literals).CopyTo(to[made..]);
            (at, made) = (at + literals, made + literals);
            if (at == from.Length)
            {
                break;
            }
            if (from.Length - at < 2)
            {
                throw new InvalidDataException("an LZ4 match is cut off");
            }
            var back = BinaryPrimitives.ReadUInt16LittleEndian(from[at..]);
            at += 2;
            made = Match(to, made, back, Length(from, ref at, token & 15) + 4);
        }
        return made;
    }

    // a match may reach into what it makes itself: byte by byte
    private static int Match(Span<byte> to, int made, int back, int length)
    {
        if (back == 0 || back > made || length > to.Length - made)
        {
            throw new InvalidDataException("an LZ4 match leaves its block");
        }
        for (var end = made + length; made < end; made++)
        {
            to[made] = to[made - back];
        }
        return made;
    }

    private static int Length(ReadOnlySpan<byte> from, ref int at, int nibble)
    {
        var length = nibble;
        if (nibble < 15)
        {
            return length;
        }
        byte more;
        do
        {
            if (at >= from.Length || length > BlockBytes)
            {
                throw new InvalidDataException("an LZ4 length leaves its block");
            }
            more = from[at++];
            length += more;
        }
        while (more == 255);
        return length;
    }
}
