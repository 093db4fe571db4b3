using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Aegis.Blobs;

namespace Aegis.Models.Upstreams;

/// <summary>A provider's answer with stars in the place of the key that was sent to it, should it repeat
/// that. What may be the key's beginning is held back until more has come, so that it shows in no two parts
/// either; JSON's own escapes of the key are known too.</summary>
internal sealed class VeiledStream : ReadingStream
{
    /// <summary>A shorter key is a word that servers without keys are given, such as <c>none</c>: it may well
    /// stand in an answer.</summary>
    public const int SecretCharsMin = 8;

    private const int BufferBytes = 8 * 1024;
    private static ReadOnlySpan<byte> Stars => "***"u8;
    private readonly Stream _inner;
    private readonly ImmutableArray<byte[]> _forms;
    private readonly byte[] _buffer;
    private int _start;
    private int _ready;
    private int _end;
    private bool _isOver;

    private VeiledStream(Stream inner, ImmutableArray<byte[]> forms)
    {
        (_inner, _forms) = (inner, forms);
        _buffer = new byte[BufferBytes + forms.Max(form => form.Length)];
    }

    public static Stream Over(Stream inner, string? secret) => secret is not { Length: >= SecretCharsMin }
        ? inner : new VeiledStream(inner,
        [
            .. new[]
            {
                secret, secret.Replace("/", @"\/", StringComparison.Ordinal),
                JsonEncodedText.Encode(secret).ToString(),
            }.Distinct().Select(Encoding.UTF8.GetBytes),
        ]);

    public override int Read(Span<byte> buffer)
    {
        while (_start == _ready && !_isOver)
        {
            Take(_inner.Read(Room().Span));
        }
        return Give(buffer);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer,
        CancellationToken cancellationToken = default)
    {
        while (_start == _ready && !_isOver)
        {
            Take(await _inner.ReadAsync(Room(), cancellationToken));
        }
        return Give(buffer.Span);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count,
        CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
        }
        base.Dispose(disposing);
    }

    private Memory<byte> Room()
    {
        _buffer.AsSpan(_ready, _end - _ready).CopyTo(_buffer);
        (_start, _ready, _end) = (0, 0, _end - _ready);
        return _buffer.AsMemory(_end);
    }

    private void Take(int read)
    {
        _isOver = read == 0;
        _end += read;
        var held = 0;
        foreach (var form in _forms)
        {
            while (_buffer.AsSpan(0, _end).IndexOf(form) is >= 0 and var at)
            {
                Stars.CopyTo(_buffer.AsSpan(at));
                _buffer.AsSpan(at + form.Length, _end - at - form.Length)
                    .CopyTo(_buffer.AsSpan(at + Stars.Length));
                _end -= form.Length - Stars.Length;
            }
            held = Math.Max(held, Beginning(_buffer.AsSpan(0, _end), form));
        }
        _ready = _isOver ? _end : _end - held;
    }

    private int Give(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _ready - _start);
        _buffer.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        Passed += count;
        return count;
    }

    // how many of the last bytes may be the first ones of the key
    private static int Beginning(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> form)
    {
        var length = Math.Min(bytes.Length, form.Length - 1);
        while (length > 0 && !bytes[^length..].SequenceEqual(form[..length]))
        {
            length--;
        }
        return length;
    }
}
