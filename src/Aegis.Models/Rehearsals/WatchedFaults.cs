using System.Text;
using Aegis.Core.Rehearsals;
using Aegis.Models.Upstreams;

namespace Aegis.Models.Rehearsals;

/// <summary>What went wrong with a try, as a fault that does the same again.</summary>
internal static class WatchedFaults
{
    private static readonly TimeSpan RetryAfterMost = TimeSpan.FromHours(1);

    /// <summary>Null for what no provider did.</summary>
    public static RehearsedFault? Of(UpstreamFailure failure) => failure switch
    {
        { Status: >= 300 and <= 599 } => new(FaultKind.Status, FaultPlace.Everywhere, failure.Status,
            failure.RetryAfter is { } wait && wait <= RetryAfterMost ? wait : null),
        { Kind: UpstreamFailureKind.TimedOut } => Plain(FaultKind.Timeout),
        { Kind: UpstreamFailureKind.Unreachable } => Plain(FaultKind.Unreachable),
        { Kind: UpstreamFailureKind.Cut } => Plain(FaultKind.Disconnect),
        { Kind: UpstreamFailureKind.Malformed } => Plain(FaultKind.Garbage),
        _ => null,
    };

    public static RehearsedFault Broken(WatchedEnd end, FaultPoint after) =>
        Plain(end switch
        {
            WatchedEnd.Broken => FaultKind.DisconnectAfter,
            WatchedEnd.GivenUp => FaultKind.SilentAfter,
            _ => FaultKind.TruncateAfter,
        }) with { After = after };

    public static RehearsedFault Of(StreamReading read, WatchedEnd end)
    {
        var after = new FaultPoint(read.Events, CountsEvents: true);
        return read.IsMalformed ? Plain(FaultKind.GarbageAfter) with { After = after }
            : read.Failure is not null ? Plain(FaultKind.ErrorAfter) with { After = after }
            : Broken(end, after);
    }

    public static RehearsedFault Garbage(ReadOnlySpan<byte> body)
    {
        var text = Encoding.UTF8.GetString(body).TrimStart();
        var isJson = text.StartsWith('{') || text.StartsWith('[');
        return Plain(FaultKind.Garbage) with
        {
            Garbage = !isJson ? GarbageKind.Page
                : text.TrimEnd() is [.., '}' or ']'] ? GarbageKind.WrongForm : GarbageKind.BrokenJson,
        };
    }

    private static RehearsedFault Plain(FaultKind kind) => new(kind, FaultPlace.Everywhere);
}
