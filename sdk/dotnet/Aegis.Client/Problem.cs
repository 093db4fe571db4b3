using System.Net;

namespace Aegis.Client;

/// <summary>RFC 9457 problem details as the server sends them.</summary>
/// <param name="Code">Stable, such as <c>AEGIS6001</c>; docs/errors has a page for each.</param>
/// <param name="Mend">What to do about it.</param>
public sealed record Problem(string? Type, string? Title, int Status, string? Detail, string Code,
    string? Expected = null, string? Got = null, string? Mend = null,
    IReadOnlyList<ProblemEntry>? Errors = null)
{
    /// <summary>Who has what was to be locked.</summary>
    public LockDenial? LockDenied { get; init; }
}

/// <summary>One error at a place of a file that the caller sent.</summary>
public sealed record ProblemEntry(string Code, string Message, string? File = null, int? Line = null,
    int? Column = null, string? Expected = null, string? Got = null, string? Mend = null);

/// <summary>The server understood the request and refused it.</summary>
public sealed class AegisApiException(HttpStatusCode status, Problem problem, TimeSpan? retryAfter = null)
    : Exception($"{problem.Code}: {problem.Detail ?? problem.Title}")
{
    public HttpStatusCode Status { get; } = status;

    public Problem Problem { get; } = problem;

    /// <summary>How long the server asks to wait; null where it does not say.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}

/// <summary>No answer came: nothing listens there, or the connection broke.</summary>
public sealed class AegisUnreachableException(Uri server, Exception cause)
    : Exception($"cannot reach {server}: {cause.Message}", cause)
{
    public Uri Server { get; } = server;
}
