namespace Aegis.Models.Protocols;

/// <summary>What went wrong, as both protocols have names for it.</summary>
public enum WireFailureKind
{
    /// <summary>The call itself is wrong.</summary>
    BadCall,
    KeyRefused,
    Forbidden,
    NotFound,
    TooLarge,
    RateLimited,

    /// <summary>The server failed.</summary>
    Broken,
    TimedOut,
    Overloaded,
}

/// <param name="Status">Of HTTP, as the protocol it is written in has it.</param>
/// <param name="Code">A provider's or our own, such as <c>AEGIS2341</c>.</param>
/// <param name="Param">The member that is meant.</param>
public sealed record WireFailure(WireFailureKind Kind, string Message, int Status, string? Code = null,
    string? Param = null)
{
    public static WireFailure Of(WireFailureKind kind, string message, string? code = null) =>
        new(kind, message, StatusOf(kind, WireProtocol.OpenAi), code);

    /// <summary>Anthropic has a status of its own for overload.</summary>
    public static int StatusOf(WireFailureKind kind, WireProtocol protocol) => kind switch
    {
        WireFailureKind.BadCall => 400,
        WireFailureKind.KeyRefused => 401,
        WireFailureKind.Forbidden => 403,
        WireFailureKind.NotFound => 404,
        WireFailureKind.TooLarge => 413,
        WireFailureKind.RateLimited => 429,
        WireFailureKind.TimedOut => 504,
        WireFailureKind.Overloaded => protocol == WireProtocol.Anthropic ? 529 : 503,
        _ => 500,
    };

    public static WireFailureKind KindOf(int status) => status switch
    {
        401 => WireFailureKind.KeyRefused,
        402 or 403 => WireFailureKind.Forbidden,
        404 or 410 => WireFailureKind.NotFound,
        408 or 504 => WireFailureKind.TimedOut,
        413 => WireFailureKind.TooLarge,
        429 => WireFailureKind.RateLimited,
        503 or 529 => WireFailureKind.Overloaded,
        >= 500 => WireFailureKind.Broken,
        _ => WireFailureKind.BadCall,
    };
}
