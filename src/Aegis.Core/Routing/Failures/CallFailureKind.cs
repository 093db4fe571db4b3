namespace Aegis.Core.Routing.Failures;

/// <summary>How a call to a model can fail.</summary>
public enum CallFailureKind
{
    /// <summary>429: too many requests for now.</summary>
    RateLimited,

    /// <summary>402, or a 429 that says the account's money or quota is used.</summary>
    QuotaSpent,

    /// <summary>503, 529: refused before any work.</summary>
    Unavailable,

    /// <summary>Any other 5xx.</summary>
    ServerError,

    /// <summary>No connection came about.</summary>
    NotConnected,

    /// <summary>The connection broke after the request was sent.</summary>
    ConnectionLost,

    TimedOut,

    /// <summary>The answer is none: not JSON, empty, cut off.</summary>
    BadAnswer,

    /// <summary>The provider does not know the model.</summary>
    ModelNotFound,

    /// <summary>The prompt is longer than the model's context.</summary>
    ContextTooLong,

    /// <summary>401, 403: the key is wrong, or may not.</summary>
    KeyRefused,

    /// <summary>The provider does not answer this on principle.</summary>
    ContentRefused,

    /// <summary>Any other 4xx: the request is wrong, here as elsewhere.</summary>
    BadRequest,

    Cancelled,
}

/// <summary>A call that failed.</summary>
/// <param name="RetryAfter">The pause that the provider asks for; null where it asks for none.</param>
public sealed record CallFailure(CallFailureKind Kind, TimeSpan? RetryAfter = null)
{
    /// <param name="providerCode">The error's code or type in the provider's words; null where it has
    /// none.</param>
    public static CallFailureKind KindOf(int status, string? providerCode) => (status, providerCode) switch
    {
        (_, "model_not_found" or "model_not_available") => CallFailureKind.ModelNotFound,
        (_, "context_length_exceeded" or "request_too_large") => CallFailureKind.ContextTooLong,
        (_, "insufficient_quota" or "billing_error" or "billing_hard_limit_reached") =>
            CallFailureKind.QuotaSpent,
        (_, "content_filter" or "content_policy_violation") => CallFailureKind.ContentRefused,
        (_, "overloaded_error") => CallFailureKind.Unavailable,
        (401 or 403, _) => CallFailureKind.KeyRefused,
        (402, _) => CallFailureKind.QuotaSpent,
        (404 or 410, _) => CallFailureKind.ModelNotFound,
        (408, _) => CallFailureKind.TimedOut,
        (413, _) => CallFailureKind.ContextTooLong,
        (429, _) => CallFailureKind.RateLimited,
        (503 or 529, _) => CallFailureKind.Unavailable,
        (504, _) => CallFailureKind.TimedOut,
        (>= 500, _) => CallFailureKind.ServerError,
        _ => CallFailureKind.BadRequest,
    };
}
