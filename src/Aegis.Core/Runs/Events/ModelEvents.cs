using System.Collections.Immutable;

namespace Aegis.Core.Runs.Events;

/// <summary>Somebody outside judged what a call got from models; in the stream <c>models/verdicts/ID</c> of
/// the call's run or session, whose own stream only its node writes.</summary>
/// <param name="Kind">tests_passed, auditor or user_approval.</param>
/// <param name="Value">From 0, worthless, to 1.</param>
/// <param name="Models">Those that answered in the call.</param>
public sealed record ModelJudged(string FactId, string CallId, string Kind, double Value, string Actor,
    ImmutableArray<JudgedModel> Models) : RunEvent;

public sealed record JudgedModel(string TaskType, string Provider, string Model);

/// <summary>Another model stands in for one that is gone or has become worse; in the project's stream
/// <c>models/stand-ins</c>.</summary>
/// <param name="From"><c>provider/model</c>, as in <paramref name="To"/>.</param>
/// <param name="Why">gone, quality_fell or availability_fell.</param>
/// <param name="TaskType">Null for all of them.</param>
/// <param name="Before">Quality or availability in the long memory.</param>
/// <param name="Now">The same in the short one.</param>
/// <param name="Weight">Of the verdicts or calls behind it.</param>
/// <param name="Deviation">How unsure the difference is.</param>
/// <param name="PeerQuality">What is known of the stand-in's quality.</param>
/// <param name="PeerCostRatio">Its price by the old one's.</param>
public sealed record StandInNamed(string FactId, string ReplacementId, string From, string To, string Why,
    string? TaskType, double Before, double Now, double Weight, double Deviation, double PeerQuality,
    double? PeerCostRatio) : RunEvent;

/// <summary>A model is asked again where it is named.</summary>
public sealed record StandInEnded(string FactId, string ReplacementId, string Actor) : RunEvent;
