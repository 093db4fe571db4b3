using System.Diagnostics.CodeAnalysis;

namespace Aegis.Models.Upstreams;

/// <summary>What a provider answered: a failure, or a body to read. Dispose of it to let the connection
/// go.</summary>
public sealed class UpstreamAnswer : IDisposable
{
    private readonly HttpResponseMessage? _response;
    private readonly UpstreamOptions _options;
    private Stream? _body;

    internal UpstreamAnswer(UpstreamFailure failure, UpstreamOptions options) =>
        (Failure, _options, Status) = (failure, options, failure.Status);

    internal UpstreamAnswer(HttpResponseMessage response, Stream body, UpstreamOptions options)
    {
        (_response, _options, Status) = (response, options, (int)response.StatusCode);
        _body = new BoundedStream(body, options.AnswerBytesMax);
    }

    [MemberNotNullWhen(false, nameof(Body))]
    public bool IsFailure => Failure is not null;

    public UpstreamFailure? Failure { get; }

    public int Status { get; }

    public string? ContentType => _response?.Content.Headers.ContentType?.MediaType;

    public bool IsEventStream => ContentType == "text/event-stream";

    /// <summary>The provider's own name for the call, to ask it about.</summary>
    public string? RequestId => _response is not null
        && (_response.Headers.TryGetValues("x-request-id", out var ids)
            || _response.Headers.TryGetValues("request-id", out ids)) ? ids.FirstOrDefault() : null;

    /// <summary>Read forwards; longer than the limit it fails as an <see cref="IOException"/>, as it does
    /// where the provider breaks off.</summary>
    public Stream? Body => _body;

    /// <summary>Lets another stream see what is read of the body.</summary>
    internal void Through(Func<Stream, Stream> watch) => _body = _body is null ? null : watch(_body);

    /// <summary>Reads the whole body.</summary>
    public async ValueTask<UpstreamBody> ReadAsync(CancellationToken cancel)
    {
        if (_body is null)
        {
            return new(null, Failure);
        }
        using var quiet = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var buffer = new byte[Length()];
        var read = 0;
        try
        {
            while (true)
            {
                quiet.CancelAfter(_options.QuietTimeout);
                if (read == buffer.Length)
                {
                    Array.Resize(ref buffer, Math.Max(buffer.Length * 2, 4096));
                }
                var count = await _body.ReadAsync(buffer.AsMemory(read), quiet.Token);
                if (count == 0)
                {
                    return new(buffer.AsMemory(0, read), null);
                }
                read += count;
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new(null, new(UpstreamFailureKind.TimedOut, "it fell silent within its answer", Status));
        }
        catch (InvalidDataException e)
        {
            return new(null, new(UpstreamFailureKind.Malformed, e.Message, Status));
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return new(null, new(UpstreamFailureKind.Cut, "it broke off within its answer", Status));
        }
    }

    public void Dispose()
    {
        _body?.Dispose();
        _response?.Dispose();
    }

    // one more than the whole, so that the end is found without growing
    private long Length() =>
        Math.Min(_response!.Content.Headers.ContentLength ?? 4095, _options.AnswerBytesMax) + 1;
}

/// <param name="Bytes">Null where it failed.</param>
public readonly record struct UpstreamBody(ReadOnlyMemory<byte>? Bytes, UpstreamFailure? Failure);
