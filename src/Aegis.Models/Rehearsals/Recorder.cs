using System.Buffers;
using System.Text;
using Aegis.Core.Budgets;
using Aegis.Core.Errors;
using Aegis.Core.Rehearsals;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Models.Protocols.Streams;
using Aegis.Models.Upstreams;

namespace Aegis.Models.Rehearsals;

/// <summary>Records one call to models, with the faults of its tries, while it goes on as it would. What
/// passes is neither changed nor held up; no header is looked at.</summary>
/// <remarks>One is made for each call and disposed of at its end. While it records, providers are given
/// nothing to keep by <c>cachedContents</c>: a call that names what lies there does not say what the model
/// reads.</remarks>
/// <param name="role">Who speaks; null for nobody in particular.</param>
/// <param name="turn">Which of the role's turns it is; null takes the recording's next one.</param>
/// <param name="cost">What a call's tokens cost at a provider; null where no price is known, which counts as
/// nothing.</param>
/// <param name="mask">Goes over every text that is kept; null for nothing beyond the keys.</param>
public sealed class Recorder(IUpstream inner, Recording recording, string? role, int? turn,
    Func<UpstreamTarget, TokenUsage, decimal?>? cost = null, Func<string, string>? mask = null)
    : IUpstream, IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<RehearsedFault> _faults = [];
    private GivenOut? _given;
    private Try? _first;
    private int _tries;
    private bool _isOver;

    public string Origin => inner.Origin;

    public CallCost? Priced => inner.Priced;

    public async ValueTask<UpstreamAnswer> SendAsync(UpstreamTarget target, UpstreamPath path,
        ReadOnlyMemory<byte> body, CancellationToken cancel, string contentType = "application/json")
    {
        // words of a rehearsal never become recorded ones
        if (Origin != "live")
        {
            return await inner.SendAsync(target, path, body, cancel, contentType);
        }
        if (path == UpstreamPath.CachedContents)
        {
            return new(new(UpstreamFailureKind.NotFound, "HTTP 404", 404), new());
        }
        if (path == UpstreamPath.Models || Begin(target, path, body, contentType) is not { } made)
        {
            return await inner.SendAsync(target, path, body, cancel, contentType);
        }
        var answer = await inner.SendAsync(target, path, body, cancel, contentType);
        if (answer.Failure is { } failure)
        {
            Note(WatchedFaults.Of(failure), made);
        }
        answer.Through(stream => new RecordedStream(stream, RehearsalFile.ReplyCharsMax * 4,
            (bytes, end) => Take(made, answer, bytes, end, cancel)));
        return answer;
    }

    /// <summary>The call is over: where no try brought an answer, its faults are all there is.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (!_isOver && _first is { } first && _faults.Count > 0)
            {
                Add(first, new([], null) { Provider = first.Target.Provider });
            }
            _isOver = true;
        }
    }

    private Try? Begin(UpstreamTarget target, UpstreamPath path, ReadOnlyMemory<byte> body,
        string contentType)
    {
        try
        {
            var call = AskedCall.Read(target.Protocol, path, body.Span, contentType);
            lock (_lock)
            {
                var made = new Try(target, call, ++_tries);
                _first ??= made;
                return made;
            }
        }
        catch (AegisException)
        {
            // the provider will say what is wrong with it
            return null;
        }
    }

    private void Take(Try made, UpstreamAnswer answer, ReadOnlyMemory<byte>? bytes, WatchedEnd end,
        CancellationToken cancel)
    {
        var isAborted = end == WatchedEnd.GivenUp && cancel.IsCancellationRequested;
        if (bytes is not { } body)
        {
            LeaveOut();
            return;
        }
        if (answer.IsEventStream && made.Call.Chat is not null)
        {
            TakeStream(made, body, end, isAborted);
        }
        else if (end == WatchedEnd.Whole)
        {
            TakeWhole(made, body, answer);
        }
        else if (!isAborted)
        {
            Note(WatchedFaults.Broken(end, new(body.Length, CountsEvents: false)), made);
        }
    }

    private void TakeStream(Try made, ReadOnlyMemory<byte> body, WatchedEnd end, bool isAborted)
    {
        var read = StreamedAnswer.Read(body, made.Target.Protocol);
        if (read is { IsFinished: true, Failure: null, IsMalformed: false })
        {
            Bring(made, read.Answer, Sent(made, body, isStream: true, null), read.Pieces);
            return;
        }
        if (isAborted)
        {
            return;
        }
        lock (_lock)
        {
            var isRest = _given is not null && AsksForRest(made);
            var pieces = isRest ? Fresh(_given!, read.Pieces) : read.Pieces;
            _given = isRest ? _given : new();
            foreach (var piece in pieces)
            {
                _given!.Take(piece);
            }
        }
        Note(WatchedFaults.Of(read, end), made);
    }

    private void TakeWhole(Try made, ReadOnlyMemory<byte> body, UpstreamAnswer answer)
    {
        var type = answer.ContentType is AnswerForm.Json ? null : answer.ContentType;
        var sent = Sent(made, body, isStream: answer.IsEventStream, answer.IsEventStream ? null : type);
        if (made.Call.Chat is null)
        {
            Bring(made, sent, body);
        }
        else if (ChatTranslation.TryReadAnswer(body.Span, made.Target.Protocol, out var read, out _))
        {
            Bring(made, read, sent, null);
        }
        else
        {
            Note(WatchedFaults.Garbage(body.Span), made);
        }
    }

    private void Bring(Try made, ChatAnswer answer, RehearsedSent? sent, IReadOnlyList<ChatPiece>? pieces)
    {
        lock (_lock)
        {
            // the rest of an answer that broke off is one answer with its beginning
            if (_given is { IsEmpty: false } given && pieces is not null && AsksForRest(made))
            {
                (answer, sent) = (Joined(given, answer, Fresh(given, pieces)), null);
            }
            Add(_first!, AnswerForms.Kept(answer, made.Target.Provider, sent), made);
        }
    }

    private void Bring(Try made, RehearsedSent? sent, ReadOnlyMemory<byte> body)
    {
        var kind = made.Call.Path == RehearsedPath.Embeddings ? AnswerKind.Embeddings
            : AnswerKind.Transcription;
        var usage = AnswerOutline.TryRead(body.Span, WireProtocol.OpenAi, kind, out var outline, out _)
            ? outline.Usage : null;
        if (sent is null)
        {
            LeaveOut();
            return;
        }
        lock (_lock)
        {
            Add(_first!, new(null, usage is null ? null : new(usage.Input, usage.Output, usage.CachedInput))
            {
                Provider = made.Target.Provider,
                Model = outline?.Model,
                Sent = sent,
            }, made);
        }
    }

    private bool AsksForRest(Try made) =>
        StreamRecovery.TryUndo(made.Call.Chat!, out _, out _, out var isSure)
        && (isSure || made.Call.Turn != _first!.Call.Turn);

    private static List<ChatPiece> Fresh(GivenOut given, IReadOnlyList<ChatPiece> pieces)
    {
        var join = new ContinuingJoin(given);
        var fresh = new List<ChatPiece>();
        foreach (var piece in pieces)
        {
            join.Pass(piece, fresh);
        }
        return fresh;
    }

    private static ChatAnswer Joined(GivenOut given, ChatAnswer rest, List<ChatPiece> fresh)
    {
        var text = given.Text + string.Concat(fresh.Where(piece => piece.Kind == PieceKind.Text)
            .Select(piece => piece.Text));
        return rest with { Parts = [new TextPart(text), .. rest.Parts.Where(part => part is ToolCallPart)] };
    }

    private void Note(RehearsedFault? fault, Try made)
    {
        if (fault is null)
        {
            return;
        }
        lock (_lock)
        {
            _faults.Add(fault with { At = FaultPlace.Everywhere with { Tries = [made.Nth] } });
        }
    }

    private void LeaveOut()
    {
        lock (_lock)
        {
            if (!_isOver)
            {
                _isOver = true;
                recording.LeaveOut();
            }
        }
    }

    // what the first try asked is the call; later ones may ask for a rest, or elsewhere
    private void Add(Try first, RehearsedAnswer answer, Try? last = null)
    {
        if (_isOver)
        {
            return;
        }
        _isOver = true;
        var target = (last ?? first).Target;
        var usage = answer.Usage is { } used
            ? new TokenUsage(used.Input, used.Output, used.CachedInput, used.CacheWrite, used.Reasoning)
            : null;
        var request = first.Call.Request.Short() with { MaxTokens = null };
        recording.Add(new(role ?? "user", turn ?? 1, null, null, request, answer,
            (usage is null ? null : cost?.Invoke(target, usage)) ?? 0)
        {
            Path = first.Call.Path,
            Faults = [.. _faults.OrderBy(fault => fault.At.Tries[0])],
        }, turn is not null, target.Auth.Secret, mask);
    }

    // text that is no UTF-8, or too long for a file, is not kept as it was sent
    private static RehearsedSent? Sent(Try made, ReadOnlyMemory<byte> body, bool isStream, string? type)
    {
        var text = Encoding.UTF8.GetString(body.Span);
        return text.Length > RehearsalFile.ReplyCharsMax || text.Contains('\ufffd') ? null
            : new(made.Target.Protocol == WireProtocol.Anthropic, isStream, text, type);
    }

    private sealed record Try(UpstreamTarget Target, AskedCall Call, int Nth);
}
