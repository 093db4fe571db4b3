using System.Buffers.Binary;
using System.Text;

namespace Aegis.Sandbox.Egress;

/// <summary>Reads the server name of a TLS ClientHello (RFC 8446 §4.1.2, RFC 6066 §3), however it is cut
/// into records. Lengths that disagree are no hello: a server might read another name.</summary>
internal static class ClientHello
{
    public const int BytesMax = 16 * 1024;
    private const byte HandshakeRecord = 22;
    private const byte ClientHelloMessage = 1;
    private const int ServerNameExtension = 0;

    public static HelloReading Read(ReadOnlySpan<byte> bytes)
    {
        var message = new List<byte>();
        while (true)
        {
            if (bytes.Length > 0 && bytes[0] != HandshakeRecord)
            {
                return HelloReading.Bad("it is not TLS");
            }
            if (bytes.Length < 5)
            {
                return HelloReading.More;
            }
            var length = BinaryPrimitives.ReadUInt16BigEndian(bytes[3..]);
            if (bytes[1] != 3 || length is 0 or > 16384)
            {
                return HelloReading.Bad("a record is malformed");
            }
            if (bytes.Length < 5 + length)
            {
                return HelloReading.More;
            }
            message.AddRange(bytes.Slice(5, length));
            bytes = bytes[(5 + length)..];
            if (message[0] != ClientHelloMessage)
            {
                return HelloReading.Bad("its first message is no ClientHello");
            }
            if (message.Count >= 4)
            {
                var whole = 4 + ((message[1] << 16) | (message[2] << 8) | message[3]);
                if (whole > BytesMax)
                {
                    return HelloReading.Bad($"it is longer than {BytesMax} bytes");
                }
                if (message.Count >= whole)
                {
                    return message.Count > whole ? HelloReading.Bad("a record holds two messages")
                        : Body(message.ToArray().AsSpan(4));
                }
            }
        }
    }

    private static HelloReading Body(ReadOnlySpan<byte> body)
    {
        var at = new Cursor(body);
        if (at.Skip(2 + 32) && at.Block(1, out _) && at.Block(2, out _) && at.Block(1, out _)
            && at.Block(2, out var extensions) && at.AtEnd)
        {
            return Extensions(extensions);
        }
        return HelloReading.Bad("its lengths disagree, or it has no extensions");
    }

    private static HelloReading Extensions(ReadOnlySpan<byte> extensions)
    {
        string? name = null;
        var at = new Cursor(extensions);
        while (!at.AtEnd)
        {
            if (!at.Number(2, out var type) || !at.Block(2, out var data))
            {
                return HelloReading.Bad("its extensions are malformed");
            }
            if (type == ServerNameExtension)
            {
                if (name is not null || (name = ServerName(data)) is null)
                {
                    return HelloReading.Bad("it does not name one server");
                }
            }
        }
        return new HelloReading(HelloState.Read, name, null);
    }

    private static string? ServerName(ReadOnlySpan<byte> data)
    {
        var at = new Cursor(data);
        if (!at.Block(2, out var list) || !at.AtEnd)
        {
            return null;
        }
        var one = new Cursor(list);
        return one.Number(1, out var type) && type == 0 && one.Block(2, out var name) && one.AtEnd
            && name.Length > 0 && !name.ContainsAnyExceptInRange((byte)'!', (byte)'~')
            ? Encoding.ASCII.GetString(name).ToLowerInvariant() : null;
    }

    private ref struct Cursor(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> left = bytes;

        public readonly bool AtEnd => left.IsEmpty;

        public bool Skip(int count)
        {
            if (left.Length < count)
            {
                return false;
            }
            left = left[count..];
            return true;
        }

        public bool Number(int width, out int number)
        {
            number = 0;
            for (var i = 0; i < width && i < left.Length; i++)
            {
                number = (number << 8) | left[i];
            }
            return Skip(width);
        }

        /// <summary>What a length of so many bytes stands before.</summary>
        public bool Block(int width, out ReadOnlySpan<byte> block)
        {
            block = default;
            if (!Number(width, out var length) || left.Length < length)
            {
                return false;
            }
            block = left[..length];
            return Skip(length);
        }
    }
}

internal enum HelloState
{
    More,
    Read,
    Bad,
}

/// <param name="Name">In lower case; null where the hello names no server.</param>
internal readonly record struct HelloReading(HelloState State, string? Name, string? Why)
{
    public static HelloReading More => new(HelloState.More, null, null);

    public static HelloReading Bad(string why) => new(HelloState.Bad, null, why);
}
