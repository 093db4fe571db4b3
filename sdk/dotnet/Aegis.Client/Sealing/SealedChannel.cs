using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Aegis.Sealing;

/// <summary>
/// Frames that only the two ends can read or make: AES-256-GCM, one key for each direction, a counter as the
/// nonce. Each frame must carry exactly the next counter, so one that is repeated, left out or moved is found
/// out like one that was changed. A frame is the counter (8 bytes, big-endian), the sealed bytes, and the
/// tag; sealed are one byte (0 text, 1 binary) and the message.
/// </summary>
internal sealed class SealedChannel : IDisposable
{
    public const int OverheadBytes = CounterBytes + 1 + TagBytes;

    private const int CounterBytes = 8;
    private const int TagBytes = 16;
    private const int NonceBytes = 12;
    private readonly AesGcm sending;
    private readonly AesGcm receiving;
    private ulong sent;
    private ulong received;

    public SealedChannel(ReadOnlySpan<byte> sendKey, ReadOnlySpan<byte> receiveKey) =>
        (sending, receiving) = (new AesGcm(sendKey, TagBytes), new AesGcm(receiveKey, TagBytes));

    /// <summary>The next frame, written over <paramref name="frame"/>; its length.</summary>
    /// <param name="scratch">At least one byte longer than the message; overwritten.</param>
    public int Seal(bool binary, ReadOnlySpan<byte> message, Span<byte> scratch, Span<byte> frame)
    {
        var plain = scratch[..(message.Length + 1)];
        plain[0] = binary ? (byte)1 : (byte)0;
        message.CopyTo(plain[1..]);
        BinaryPrimitives.WriteUInt64BigEndian(frame, sent);
        var cipher = frame.Slice(CounterBytes, plain.Length);
        sending.Encrypt(Nonce(sent, stackalloc byte[NonceBytes]), plain, cipher,
            frame.Slice(CounterBytes + plain.Length, TagBytes));
        sent++;
        return CounterBytes + plain.Length + TagBytes;
    }

    /// <summary>Opens the next frame into <paramref name="plain"/>: the kind, then the message. -1 for a
    /// frame that is not exactly the next one of the other end.</summary>
    public int Open(ReadOnlySpan<byte> frame, Span<byte> plain)
    {
        var length = frame.Length - CounterBytes - TagBytes;
        if (length < 1 || BinaryPrimitives.ReadUInt64BigEndian(frame) != received)
        {
            return -1;
        }
        try
        {
            receiving.Decrypt(Nonce(received, stackalloc byte[NonceBytes]), frame.Slice(CounterBytes, length),
                frame[^TagBytes..], plain[..length]);
        }
        catch (AuthenticationTagMismatchException)
        {
            return -1;
        }
        received++;
        return plain[0] <= 1 ? length : -1;
    }

    public void Dispose()
    {
        sending.Dispose();
        receiving.Dispose();
    }

    private static Span<byte> Nonce(ulong counter, Span<byte> nonce)
    {
        nonce.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(nonce[(NonceBytes - CounterBytes)..], counter);
        return nonce;
    }
}
