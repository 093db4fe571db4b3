using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Models.Protocols.Anthropic;
using Aegis.Models.Protocols.Json;
using Aegis.Models.Protocols.OpenAi;

namespace Aegis.Models.Protocols.Streams;

/// <summary>How a provider's stream ended.</summary>
public enum RelayOutcome
{
    Finished,

    /// <summary>It ended, or its connection did, before the answer was whole.</summary>
    Cut,

    /// <summary>The provider reported an error within it.</summary>
    Failed,

    Malformed,

    /// <summary>Nothing came for too long.</summary>
    TimedOut,

    /// <summary>It said something else than what the client has seen.</summary>
    Diverged,
}

/// <param name="Usage">As far as the provider told it.</param>
/// <param name="Wrong">Why, in words that hold nothing of the conversation.</param>
public sealed record RelayEnd(RelayOutcome Outcome, TokenUsage? Usage, WireFailure? Failure = null,
    string? Wrong = null);

/// <summary>Hands a streamed answer on to a client, from one provider or, where one breaks off, from several
/// after each other. While the first speaks the client's protocol its events go on as they came; they are
/// read beside that, never before it.</summary>
/// <remarks>Steps: <see cref="RunAsync"/> for each provider; then <see cref="CompleteAsync"/> or
/// <see cref="FailAsync"/> once.</remarks>
public sealed class StreamRelay
{
    private readonly WireProtocol _client;
    private readonly StreamHead _head;
    private readonly PipeWriter _to;
    private readonly IPieceWriter _writer;
    private const int HeldBytesMax = 4_096;
    private readonly ArrayBufferWriter<byte> _held = new(64);
    private readonly List<ChatPiece> _pieces = [];
    private readonly List<ChatPiece> _fresh = [];
    private bool _hasWritten;
    private bool _hasEnded;

    public StreamRelay(WireProtocol client, StreamHead head, PipeWriter to)
    {
        (_client, _head, _to) = (client, head, to);
        _writer = head.Writer(client);
    }

    /// <summary>What the client has seen.</summary>
    public GivenOut Given { get; } = new();

    /// <summary>Who answers, in the provider's words; null where it does not say.</summary>
    public string? Model { get; private set; }

    /// <summary>Whether anything was written: the client's stream has begun.</summary>
    public bool HasBegun => _hasWritten;

    /// <summary>When the first event was written, as <see cref="Stopwatch"/> tells time; 0 before.</summary>
    public long BegunAt { get; private set; }

    /// <summary>Runs until the provider's stream ends in whichever way.</summary>
    /// <param name="quiet">How long nothing may come.</param>
    /// <exception cref="OperationCanceledException">The client went away.</exception>
    public async ValueTask<RelayEnd> RunAsync(Stream body, WireProtocol from, RecoveryKind kind,
        TimeSpan quiet, CancellationToken cancel)
    {
        IPieceReader reader = from == WireProtocol.Anthropic ? new AnthropicPieceReader()
            : new OpenAiPieceReader();
        var run = new Run(reader, kind switch
        {
            RecoveryKind.Match => new MatchingJoin(Given),
            RecoveryKind.Continue => new ContinuingJoin(Given),
            _ => null,
        }, from == _client && !_hasWritten, _hasWritten);
        using var events = new EventReader(body);
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        try
        {
            while (!reader.IsDone && await ReadAsync(events, silence, quiet))
            {
                var end = Events(events, run);
                if (_hasWritten)
                {
                    BegunAt = BegunAt == 0 ? Stopwatch.GetTimestamp() : BegunAt;
                    await _to.FlushAsync(cancel);
                }
                if (end is not null)
                {
                    return end with { Usage = run.Usage };
                }
            }
            return new(run.Finished ? RelayOutcome.Finished : RelayOutcome.Cut, run.Usage);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new(run.Finished ? RelayOutcome.Finished : RelayOutcome.TimedOut, run.Usage);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return new(run.Finished ? RelayOutcome.Finished : RelayOutcome.Cut, run.Usage);
        }
        catch (Exception e) when (e is WireFaultException or JsonException or InvalidDataException
            or InvalidOperationException or AegisException)
        {
            return new(RelayOutcome.Malformed, run.Usage, Wrong: e is WireFaultException ? e.Message
                : "an event of the stream cannot be read, or is longer than the limit");
        }
    }

    // only the provider's time counts: a client that takes its answer slowly is no silence
    private static async ValueTask<bool> ReadAsync(EventReader events, CancellationTokenSource silence,
        TimeSpan quiet)
    {
        silence.CancelAfter(quiet);
        var hasMore = await events.ReadAsync(silence.Token);
        silence.CancelAfter(Timeout.InfiniteTimeSpan);
        return hasMore;
    }

    /// <summary>The answer is whole: writes what ends it, where that was not passed on.</summary>
    public async ValueTask CompleteAsync(CancellationToken cancel)
    {
        if (!_hasEnded)
        {
            _hasEnded = true;
            _writer.End(_to);
        }
        await _to.FlushAsync(cancel);
    }

    /// <summary>The answer stays a part: tells the client so.</summary>
    public async ValueTask FailAsync(WireFailure failure, CancellationToken cancel)
    {
        _hasEnded = true;
        _writer.Fail(failure, _to);
        await _to.FlushAsync(cancel);
    }

    private RelayEnd? Events(EventReader events, Run run)
    {
        while (events.TryNext(out var next))
        {
            _pieces.Clear();
            if (!next.Data.IsEmpty)
            {
                run.Reader.Read(next.Data.Span, _pieces);
            }
            if (_pieces.Find(piece => piece.Kind == PieceKind.Error).Failure is { } failure)
            {
                return run.Finished ? new(RelayOutcome.Finished, null)
                    : new(RelayOutcome.Failed, null, failure);
            }
            if (run.IsRaw)
            {
                PassOn(next, run);
            }
            else if (!Rewrite(run))
            {
                return new(RelayOutcome.Diverged, null);
            }
            if (run.Reader.IsDone)
            {
                _hasEnded |= run.IsRaw;
                return new(RelayOutcome.Finished, null);
            }
        }
        return null;
    }

    private void PassOn(ServerEvent next, Run run)
    {
        // a usage that only the router asked for is not the client's
        var isHidden = _client == WireProtocol.OpenAi && !_head.ShowUsage
            && _pieces is [{ Kind: PieceKind.Usage }];
        if (!isHidden && (_hasWritten || _pieces.Count > 0))
        {
            _to.Write(_held.WrittenSpan);
            _held.ResetWrittenCount();
            _to.Write(next.Raw.Span);
            _hasWritten = true;
        }
        else if (!isHidden && _held.WrittenCount + next.Raw.Length <= HeldBytesMax)
        {
            // what only keeps a line alive does not begin an answer that may yet come from elsewhere
            _held.Write(next.Raw.Span);
        }
        foreach (var piece in _pieces)
        {
            _writer.Follow(piece);
            Given.Take(piece);
            run.Note(piece);
            Model ??= piece.Kind == PieceKind.Begin ? piece.Name : null;
        }
    }

    private bool Rewrite(Run run)
    {
        foreach (var piece in _pieces)
        {
            run.Note(piece);
            Model ??= piece.Kind == PieceKind.Begin ? piece.Name : null;
            _fresh.Clear();
            if (run.Join is { } join)
            {
                if (!join.Pass(piece, _fresh))
                {
                    return false;
                }
            }
            else if (piece.Kind != PieceKind.Reasoning || !run.IsLater || !Given.HasReasoning)
            {
                _fresh.Add(piece);
            }
            foreach (var fresh in _fresh)
            {
                Given.Take(fresh);
                _writer.Write(fresh, _to);
                _hasWritten = true;
            }
        }
        return true;
    }

    private sealed class Run(IPieceReader reader, IJoin? join, bool isRaw, bool isLater)
    {
        public IPieceReader Reader { get; } = reader;

        public IJoin? Join { get; } = join;

        public bool IsRaw { get; } = isRaw;

        public bool IsLater { get; } = isLater;

        public TokenUsage? Usage { get; private set; }

        public bool Finished { get; private set; }

        public void Note(in ChatPiece piece)
        {
            Usage = piece.Usage ?? Usage;
            Finished |= piece.Kind == PieceKind.Finish;
        }
    }
}
