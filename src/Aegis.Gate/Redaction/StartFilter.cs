using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Aegis.Gate.Redaction;

// Nearly all of an output is no secret. A bit for each hash of the three bytes that some pattern begins with
// tells of a place that none begins there, at a few cycles a byte whatever the text; only the other places go
// through the automaton. Rejected: SearchValues over the first bytes, which ordinary letters hit all the
// time.

/// <summary>Where a pattern may begin, and surely not before.</summary>
internal sealed class StartFilter
{
    /// <summary>The shortest pattern has as many.</summary>
    public const int Bytes = 3;

    private const int Places = sizeof(ulong) - Bytes + 1;
    private const uint Mix = 0x9E3779B1;
    private const int BitsLeast = 16;
    private const int BitsMost = 21;
    private const int BitsForEach = 16;
    private readonly ulong[] bits;
    private readonly int shift;

    public StartFilter(IReadOnlyCollection<uint> starts)
    {
        var width = BitsLeast;
        while (width < BitsMost && 1 << width < starts.Count * BitsForEach)
        {
            width++;
        }
        shift = 32 - width;
        bits = new ulong[1 << (width - 6)];
        foreach (var start in starts)
        {
            var hash = (start * Mix) >> shift;
            bits[hash >> 6] |= 1UL << (int)(hash & 63);
        }
    }

    /// <summary>A pattern's first bytes as one number, as a load of memory has them.</summary>
    public static uint StartOf(ReadOnlySpan<byte> pattern) =>
        pattern[0] | ((uint)pattern[1] << 8) | ((uint)pattern[2] << 16);

    /// <summary>The first place from which a pattern may begin; the last two places are always such, since
    /// what follows is not known yet.</summary>
    public int Next(ReadOnlySpan<byte> text, int from)
    {
        var i = from;
        // one load has six places, and one branch is enough for them
        for (; i + sizeof(ulong) <= text.Length; i += Places)
        {
            var w = BinaryPrimitives.ReadUInt64LittleEndian(text[i..]);
            var hit = Bit((uint)w) | Bit((uint)(w >> 8)) | Bit((uint)(w >> 16)) | Bit((uint)(w >> 24))
                | Bit((uint)(w >> 32)) | Bit((uint)(w >> 40));
            if ((hit & 1) != 0)
            {
                break;
            }
        }
        for (; i + Bytes <= text.Length; i++)
        {
            if ((Bit(StartOf(text[i..])) & 1) != 0)
            {
                return i;
            }
        }
        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Bit(uint window)
    {
        var hash = ((window & 0xFFFFFF) * Mix) >> shift;
        return bits[hash >> 6] >> (int)(hash & 63);
    }
}
