using Aegis.Core.Errors;
using Aegis.Core.Policy;

namespace Aegis.Gate.Admission;

/// <summary>How far the judging of one call has come, handed from stage to stage.</summary>
/// <param name="takes">The call is made now: what is counted is counted.</param>
/// <param name="told">Where an explanation is collected; null where nobody reads one.</param>
internal struct Judgement(bool takes, List<StageWord>? told)
{
    public readonly bool Takes => takes;

    public readonly List<StageWord>? Told => told;

    /// <summary>The rule that let the call pass last.</summary>
    public string? Rule { get; set; }

    /// <summary>Rules that ask a human, and what they say.</summary>
    public string? Asking { get; set; }

    public AegisError? Question { get; set; }

    /// <summary>The refusal is a question to a human.</summary>
    public bool Asks { get; set; }

    public TimeSpan RetryAfter { get; set; }

    public AegisError Deny(string rule, AegisError error)
    {
        Rule = rule;
        return error;
    }

    public void Ask(string rule, AegisError question)
    {
        Asking = Asking is null ? rule : $"{Asking}, {rule}";
        Question ??= question;
    }

    public readonly void Tell(string stage, MatchedRule rule) => told?.Add(new StageWord(stage, rule));
}

/// <summary>What a rule said of a call, and at which stage.</summary>
public sealed record StageWord(string Stage, MatchedRule Rule);
