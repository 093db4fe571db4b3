using System.Text;
using Aegis.Core.Rehearsals;
using Aegis.Models.Protocols;
using Aegis.Models.Upstreams;

namespace Aegis.Models.Rehearsals;

/// <summary>How a body ends.</summary>
internal enum BodyEnd
{
    Whole,

    /// <summary>The connection breaks.</summary>
    Broken,

    /// <summary>Nothing more comes.</summary>
    Silent,
}

/// <summary>Makes of a fault what a provider would have sent.</summary>
internal static class FaultyAnswer
{
    private const string Said = "The rehearsal was told so.";

    /// <summary>The failure of a fault that leaves no answer; null where there is one.</summary>
    public static UpstreamFailure? Failure(RehearsedFault fault) => fault.Kind switch
    {
        FaultKind.Status => Status(fault),
        FaultKind.Timeout => new(UpstreamFailureKind.TimedOut, "it gave no answer in time"),
        FaultKind.Unreachable => new(UpstreamFailureKind.Unreachable, "ConnectionRefused"),
        FaultKind.Disconnect => new(UpstreamFailureKind.Cut, "it hung up before it answered"),
        _ => null,
    };

    /// <summary>The answer with its fault.</summary>
    public static (AnswerForm Form, BodyEnd End) Of(RehearsedFault fault, AnswerForm form,
        WireProtocol protocol) => fault.Kind switch
        {
            FaultKind.DisconnectAfter => (Begin(form, fault.After), BodyEnd.Broken),
            FaultKind.TruncateAfter => (Begin(form, fault.After), BodyEnd.Whole),
            FaultKind.SilentAfter => (Begin(form, fault.After), BodyEnd.Silent),
            FaultKind.ErrorAfter => (Then(form, fault.After, Error(form, protocol)), BodyEnd.Whole),
            FaultKind.GarbageAfter => (Then(form, fault.After, "data: <oops>\n\n"u8.ToArray()),
                BodyEnd.Whole),
            FaultKind.Garbage => (Garbage(fault.Garbage), BodyEnd.Whole),
            _ => (form, BodyEnd.Whole),
        };

    private static UpstreamFailure Status(RehearsedFault fault)
    {
        if (fault.Status < 400)
        {
            return new(UpstreamFailureKind.Malformed,
                FormattableString.Invariant($"a redirect, HTTP {fault.Status}"), fault.Status);
        }
        var said = new WireFailure(WireFailure.KindOf(fault.Status), Said, fault.Status);
        return new(UpstreamFailure.KindOf(said, fault.Status),
            FormattableString.Invariant($"HTTP {fault.Status}"), fault.Status, fault.RetryAfter, said);
    }

    private static byte[] Error(AnswerForm form, WireProtocol protocol)
    {
        var failure = WireFailure.Of(WireFailureKind.Overloaded, Said);
        return form.IsStream ? StreamedAnswer.Failure(failure, protocol)
            : FailureBodies.Write(failure, protocol);
    }

    private static AnswerForm Then(AnswerForm form, FaultPoint after, byte[] wrong) =>
        form with { Chunks = [.. Begin(form, after).Chunks, wrong] };

    private static AnswerForm Begin(AnswerForm form, FaultPoint after)
    {
        if (after.CountsEvents)
        {
            return form with { Chunks = [.. form.Chunks.Take(after.Count)] };
        }
        var left = after.Count;
        var chunks = new List<ReadOnlyMemory<byte>>();
        foreach (var chunk in form.Chunks.TakeWhile(_ => left > 0))
        {
            chunks.Add(chunk[..Math.Min(left, chunk.Length)]);
            left -= chunk.Length;
        }
        return form with { Chunks = chunks };
    }

    private static AnswerForm Garbage(GarbageKind kind) => kind switch
    {
        GarbageKind.Page => new([Bytes("<html><body>It works!</body></html>")], "text/html"),
        GarbageKind.BrokenJson =>
            new([Bytes("""{"choices": [{"message": {"content": "oo""")], AnswerForm.Json),
        _ => new([Bytes("""{"hello": "world"}""")], AnswerForm.Json),
    };

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
