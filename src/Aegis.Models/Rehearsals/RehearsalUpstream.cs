using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Http.Headers;
using Aegis.Core.Budgets;
using Aegis.Core.Errors;
using Aegis.Core.Rehearsals;
using Aegis.Models.Calls;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Streams;
using Aegis.Models.Upstreams;

namespace Aegis.Models.Rehearsals;

/// <summary>Answers in the place of providers from a rehearsal, in the protocol of whoever is asked, with the
/// faults of the file. One is opened for each call: it counts the call's tries, and nothing else is kept, so
/// that the same call always goes the same way.</summary>
/// <remarks>Steps of a try: read the call; find its turn; find the fault of this try; fail, or answer. It
/// touches no network.</remarks>
public sealed class RehearsalUpstream : IUpstream
{
    private readonly RehearsalFile _file;
    private readonly RehearsalPlace _place;
    private readonly TimeProvider _time;
    private readonly UpstreamOptions _options;
    private int _tries;

    private RehearsalUpstream(RehearsalFile file, RehearsalPlace place, TimeProvider time,
        UpstreamOptions options) => (_file, _place, _time, _options) = (file, place, time, options);

    public string Origin => _file.Origin;

    /// <summary>What the turn says that it cost; before one is known, the dearest.</summary>
    public CallCost? Priced { get; private set; }

    /// <param name="role">Who speaks; null for nobody in particular.</param>
    /// <param name="turn">Which of the role's turns it is; null finds it by what the call says.</param>
    public static RehearsalUpstream Open(RehearsalFile file, string? role, int? turn, TimeProvider time,
        UpstreamOptions? options = null) => new(file, new(file, role, turn), time, options ?? new());

    /// <summary>For a call on its way to whoever the router chooses: what it costs is known before.</summary>
    public static RehearsalUpstream Open(RehearsalFile file, ModelCall call, TimeProvider time,
        UpstreamOptions? options = null)
    {
        var upstream = Open(file, call.Agent, call.Turn, time, options);
        upstream.Priced = upstream.PriceOf(call);
        return upstream;
    }

    public async ValueTask<UpstreamAnswer> SendAsync(UpstreamTarget target, UpstreamPath path,
        ReadOnlyMemory<byte> body, CancellationToken cancel, string contentType = "application/json")
    {
        cancel.ThrowIfCancellationRequested();
        if (path is UpstreamPath.Models or UpstreamPath.CachedContents)
        {
            return new(new(UpstreamFailureKind.NotFound, "HTTP 404", 404), _options);
        }
        var nth = Interlocked.Increment(ref _tries);
        if (!TryFind(target, path, body, contentType, out var found, out var wrong))
        {
            return new(new(UpstreamFailureKind.Refused, wrong.Message, 400,
                Said: new(WireFailureKind.BadCall, Sentence(wrong), 400, wrong.Code)) { Own = wrong },
                _options);
        }
        Priced = CostOf(found.Turn, target);
        var fault = found.Turn.Faults.Concat(_file.Faults)
            .FirstOrDefault(one => one.At.Holds(found.Turn, target.Provider, target.Model, nth))
            ?? new(FaultKind.None, FaultPlace.Everywhere);
        if (FaultyAnswer.Failure(fault) is { } failure)
        {
            await WaitAsync(fault.Kind == FaultKind.Timeout ? _options.HeaderTimeout : fault.First, cancel);
            return new(failure, _options);
        }
        return await AnswerAsync(found, target, fault, cancel);
    }

    private async ValueTask<UpstreamAnswer> AnswerAsync(Found found, UpstreamTarget target,
        RehearsedFault fault, CancellationToken cancel)
    {
        var form = AnswerForms.Of(found.Turn, target, found.Call, found.Given);
        var (faulty, end) = FaultyAnswer.Of(fault, form, target.Protocol);
        if (!faulty.IsStream)
        {
            // one that is not streamed begins when it is whole
            await WaitAsync(fault.First, cancel);
        }
        var stream = new RehearsedBody(faulty.Chunks, end, faulty.IsStream ? fault.First : TimeSpan.Zero,
            fault.Between, _time);
        var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(stream) };
        response.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(faulty.ContentType);
        return new(response, stream, _options);
    }

    private async ValueTask WaitAsync(TimeSpan wait, CancellationToken cancel)
    {
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, _time, cancel);
        }
    }

    private bool TryFind(UpstreamTarget target, UpstreamPath path, ReadOnlyMemory<byte> body,
        string contentType, [NotNullWhen(true)] out Found? found, [NotNullWhen(false)] out AegisError? wrong)
    {
        found = null;
        AskedCall call;
        try
        {
            call = AskedCall.Read(target.Protocol, path, body.Span, contentType);
        }
        catch (AegisException e)
        {
            wrong = e.Error;
            return false;
        }
        var rest = Rest(call, target, out var isSure);
        if (isSure)
        {
            (found, wrong) = (rest!, null);
            return true;
        }
        // a rest that was recorded as a request of its own comes before one that is cut out of an answer
        if (_place.TryFind(call, out var turn, out wrong))
        {
            found = rest?.Turn == turn ? rest : new(turn, call, "");
            return true;
        }
        found = rest;
        return found is not null;
    }

    // after a stream broke, the text that was given out is sent along, to be gone on with
    private Found? Rest(AskedCall call, UpstreamTarget target, out bool isSure)
    {
        isSure = false;
        if (call.Chat is not { } chat
            || !StreamRecovery.TryUndo(chat, out var asked, out var given, out var isWord)
            || !_place.TryFind(AskedCall.Of(asked), out var turn, out _)
            || !AnswerForms.Says(turn, target).Text.StartsWith(given, StringComparison.Ordinal))
        {
            return null;
        }
        isSure = isWord && _file.Mode == RehearsalMode.Turns;
        return new(turn, call, given);
    }

    // a strict call may only be told apart where it is said in the provider's protocol
    private CallCost PriceOf(ModelCall call)
    {
        var path = TryBody.PathOf(call.Kind);
        var target = new UpstreamTarget("", new("https://rehearsal.invalid"), call.Protocol,
            UpstreamAuth.None, call.Asked);
        return TryFind(target, path, call.Body, call.ContentType, out var found, out _)
            ? CostOf(found.Turn, target)
            // what was not rehearsed costs nothing, and is refused with the difference
            : _file.Mode == RehearsalMode.Turns ? CallCost.None
            : new(_file.Turns.Select(turn => turn.CostUsd).DefaultIfEmpty().Max(), 0);
    }

    private static CallCost CostOf(RehearsedTurn turn, UpstreamTarget target)
    {
        var usage = turn.Path == RehearsedPath.Chat ? AnswerForms.Says(turn, target).Usage : null;
        return new(turn.CostUsd, usage is not null ? usage.Input + usage.Output
            : (turn.Answer.Usage?.Input + turn.Answer.Usage?.Output) ?? 0);
    }

    private static string Sentence(AegisError error) => string.Join("; ", new[]
    {
        error.Message,
        error.Expected is null ? null : $"expected {error.Expected}",
        error.Got is null ? null : $"got {error.Got}",
    }.OfType<string>());

    /// <param name="Given">What the client has seen of the answer already.</param>
    private sealed record Found(RehearsedTurn Turn, AskedCall Call, string Given);
}
