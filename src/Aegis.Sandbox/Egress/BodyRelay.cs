using System.Globalization;
using System.Text;

namespace Aegis.Sandbox.Egress;

/// <summary>Carries a body on, framed anew: chunk extensions and trailers are left behind, since other
/// readers make other things of them.</summary>
/// <param name="mask">What is covered on the way; null for nothing.</param>
internal sealed class BodyRelay(ByteSource from, Stream to, Func<int, ValueTask> take,
    Func<string, string, EgressRefusedException> malformed, IdleWatch idle, EchoMask? mask = null)
{
    public const int ChunkLineBytesMax = 1024;
    public const int TrailerLinesMax = 100;
    private const int ChunkDigitsMax = 8;
    private readonly byte[] buffer = new byte[32 * 1024];

    private bool chunked;

    public async Task CopyAsync(BodyFraming framing)
    {
        chunked = framing.Kind == BodyKind.Chunked;
        await (framing.Kind switch
        {
            BodyKind.Length => ExactlyAsync(framing.Length),
            BodyKind.Chunked => ChunksAsync(),
            BodyKind.UntilClose => ToTheEndAsync(),
            _ => Task.CompletedTask,
        });
        await WriteAsync(mask?.Rest() ?? default);
        if (chunked)
        {
            await SendAsync("0\r\n\r\n"u8.ToArray());
        }
    }

    private async Task ExactlyAsync(long left)
    {
        while (left > 0)
        {
            var read = await ReadAsync((int)Math.Min(left, buffer.Length));
            if (read == 0)
            {
                throw malformed("the body breaks off", "as many bytes as Content-Length says");
            }
            await CarryAsync(read);
            left -= read;
        }
    }

    private async Task ToTheEndAsync()
    {
        int read;
        while ((read = await ReadAsync(buffer.Length)) > 0)
        {
            await CarryAsync(read);
        }
    }

    private async Task ChunksAsync()
    {
        while (true)
        {
            var size = Size(Encoding.Latin1.GetString((await LineAsync()).Span));
            if (size == 0)
            {
                break;
            }
            await ExactlyAsync(size);
            if ((await LineAsync()).Length > 0)
            {
                throw malformed("a chunk is longer than it says", "CR LF after a chunk");
            }
        }
        for (var lines = 0; (await LineAsync()).Length > 0; lines++)
        {
            if (lines == TrailerLinesMax)
            {
                throw malformed("there are too many trailers", $"at most {TrailerLinesMax}");
            }
        }
    }

    private long Size(string line)
    {
        var digits = line.Split(';')[0];
        return digits.Length is > 0 and <= ChunkDigitsMax && digits.All(char.IsAsciiHexDigit)
            ? long.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            : throw malformed("a chunk's size", $"1 to {ChunkDigitsMax} hexadecimal digits");
    }

    private async ValueTask<int> ReadAsync(int count)
    {
        var read = await from.ReadAsync(buffer.AsMemory(0, count), idle.Token);
        idle.Touch();
        return read;
    }

    private ValueTask<ReadOnlyMemory<byte>> LineAsync() =>
        from.LineAsync(ChunkLineBytesMax, malformed, idle.Token);

    private ValueTask CarryAsync(int count) => WriteAsync(mask is null
        ? buffer.AsMemory(0, count) : mask.Next(buffer.AsSpan(0, count)));

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }
        if (!chunked)
        {
            await SendAsync(bytes);
            return;
        }
        var size = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"{bytes.Length:x}\r\n"));
        await SendAsync((byte[])[.. size, .. bytes.Span, (byte)'\r', (byte)'\n']);
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await take(bytes.Length);
        await to.WriteAsync(bytes, idle.Token);
        idle.Touch();
    }
}
