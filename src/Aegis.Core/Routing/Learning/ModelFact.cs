namespace Aegis.Core.Routing.Learning;

/// <summary>Who judged an answer.</summary>
public enum VerdictKind
{
    TestsPassed,
    Auditor,
    SchemaValid,
    UserApproval,
}

/// <summary>How a call to a model ended, as far as the model's reputation goes.</summary>
public enum CallOutcome
{
    Answered,
    RateLimited,
    ServerError,
    TimedOut,
    BadAnswer,
    ModelNotFound,

    /// <summary>The caller's own fault, or nobody's: it says nothing of the model.</summary>
    Neutral,
}

/// <summary>What the platform found out about a model. The learning state is a fold of these.</summary>
/// <param name="Tenant">Whose call it was.</param>
public abstract record ModelFact(string Tenant, string TaskType, ModelKey Model, DateTimeOffset At);

/// <summary>An answer was judged.</summary>
/// <param name="Value">From 0, worthless, to 1.</param>
public sealed record ModelVerdict(string Tenant, string TaskType, ModelKey Model, VerdictKind Kind,
    double Value, DateTimeOffset At) : ModelFact(Tenant, TaskType, Model, At);

/// <summary>A call ended.</summary>
/// <param name="Took">Until the whole answer was there, or until it failed.</param>
/// <param name="OutputTokens">Of an answer; 0 where it says nothing.</param>
public sealed record ModelCallSettled(string Tenant, string TaskType, ModelKey Model, CallOutcome Outcome,
    TimeSpan Took, long OutputTokens, DateTimeOffset At) : ModelFact(Tenant, TaskType, Model, At);
