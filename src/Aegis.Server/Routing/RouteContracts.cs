using System.Globalization;
using System.Text;
using Aegis.Core.Errors;
using Aegis.Core.Routing;
using Aegis.Models.Calls;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Tools;

namespace Aegis.Server.Routing;

/// <summary>A call to a model that is not made.</summary>
public sealed record ExplainRouteRequest : DoorRequest
{
    // of ordinary English text, as the router reckons
    private const int BytesPerToken = 4;

    /// <summary>An alias of the profile, a model, <c>provider/model</c>, or <c>auto</c>.</summary>
    [Chars(1, ProtocolLimits.ModelCharsMax)]
    public required string Model { get; init; }

    /// <summary>Only models of this provider of the profile.</summary>
    [Chars(1, DoorLimits.NameCharsMax)]
    public string? Provider { get; init; }

    /// <summary>What the call is for; the alias's name, or <c>general</c>, where left out.</summary>
    [Chars(1, DoorLimits.NameCharsMax)]
    public string? TaskType { get; init; }

    /// <summary>What the call makes; what the name makes where left out.</summary>
    [OneOf("chat embedding transcription")]
    public string? Kind { get; init; }

    /// <summary>The prompt itself; this, or <see cref="PromptTokens"/>.</summary>
    public string? Prompt { get; init; }

    /// <summary>About how many tokens the prompt has: four bytes are reckoned for each.</summary>
    [Numbers(0, DoorLimits.RouteTokensMax)]
    public int? PromptTokens { get; init; }

    /// <summary>The longest answer; the profile's usual where left out.</summary>
    [Numbers(1, DoorLimits.RouteTokensMax)]
    public int? MaxTokens { get; init; }

    public bool Tools { get; init; }

    public bool JsonSchema { get; init; }

    [Numbers(0, DoorLimits.RouteImagesMax)]
    public int? Images { get; init; }

    /// <summary>Of a choice by score, as the ledger has it of a call; another one each time where left
    /// out.</summary>
    [Chars(1, 20)]
    public string? Seed { get; init; }

    /// <exception cref="AegisException">AEGIS6030.</exception>
    internal (CallSketch Call, ulong? Seed) Read()
    {
        if (Prompt is not null && PromptTokens is not null)
        {
            throw new AegisException(DoorErrors.Malformed(
                "prompt and prompt_tokens both say how long the prompt is", "one of them"));
        }
        return (new CallSketch(Model)
        {
            Provider = Provider,
            TaskType = TaskType,
            Kind = Kind is null ? null : ModelKindWords.Read(Kind),
            PromptBytes = Prompt is not null ? Encoding.UTF8.GetByteCount(Prompt)
                : (long)(PromptTokens ?? 0) * BytesPerToken,
            MaxTokens = MaxTokens,
            HasTools = Tools,
            HasFormat = JsonSchema,
            Images = Images ?? 0,
        }, ReadSeed());
    }

    private ulong? ReadSeed() => Seed is null ? null
        : ulong.TryParse(Seed, NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? seed
        : throw new AegisException(DoorErrors.Malformed("seed is no number", $"0 to {ulong.MaxValue}", Seed));
}

/// <summary>What the router would do with a call now.</summary>
/// <param name="Mode">Names and lists of models are asked in their order; of a filter and of <c>auto</c> the
/// best one by score.</param>
/// <param name="Seed">With it the choice can be made again; left out where nothing is drawn.</param>
/// <param name="Replaced">The named model that the first one stands in for.</param>
/// <param name="BudgetLeftUsd">What the narrowest limit in dollars has left, as this server knows; left out
/// where there is none.</param>
/// <param name="Chain">Who is asked, in order; empty where nobody may answer.</param>
/// <param name="Candidates">As they are asked, then the others with what speaks against them.</param>
/// <param name="LeftOut">Candidates beyond those that are shown.</param>
/// <param name="Error">What the call ends with, where nobody can take it.</param>
public sealed record RouteOutlookAnswer(string Model, string TaskType,
    [property: OneOf("ordered scored")] string Mode, string? Seed, DateTimeOffset At, string? Replaced,
    decimal? BudgetLeftUsd, IReadOnlyList<RouteStopAnswer> Chain,
    IReadOnlyList<RouteCandidateAnswer> Candidates, int LeftOut, CallErrorAnswer? Error)
{
    public static RouteOutlookAnswer Of(string model, CallOutlook o) => new(model, o.Request.TaskType,
        o.IsScored ? "scored" : "ordered",
        o.IsScored ? o.Request.Seed.ToString(CultureInfo.InvariantCulture) : null, o.At, o.Replaced,
        o.Request.BudgetLeftUsd, [.. o.Chain.Select(RouteStopAnswer.Of)],
        [.. o.Candidates.Take(DoorLimits.RouteCandidatesShownMax).Select(RouteCandidateAnswer.Of)],
        Math.Max(0, o.Candidates.Length - DoorLimits.RouteCandidatesShownMax), CallErrorAnswer.Of(o.Error));
}

/// <param name="PassedOver">Why it is not asked now, such as a breaker that is open.</param>
public sealed record RouteStopAnswer(string Provider, string Model, CallErrorAnswer? PassedOver)
{
    public static RouteStopAnswer Of(CallStop s) =>
        new(s.Model.Provider, s.Model.Model, CallErrorAnswer.Of(s.PassedOver));
}

/// <summary>A model that may answer to the name, and what is known of it.</summary>
/// <param name="Rank">Its place; left out where it cannot take the call.</param>
/// <param name="Score">From 0 to 1; left out where models are asked in their order.</param>
/// <param name="Quality">The part of the score, drawn from mean and deviation.</param>
/// <param name="QualityDeviation">How unsure the mean is.</param>
/// <param name="Evidence">The weight of the verdicts behind it.</param>
/// <param name="Latency">The part of the score that <paramref name="ExpectedMs"/> makes.</param>
/// <param name="Cost">The part of the score that <paramref name="ExpectedUsd"/> makes.</param>
/// <param name="ExpectedUsd">Left out where nobody states the price.</param>
/// <param name="Availability">The share of calls that are answered.</param>
/// <param name="Filtered">Why it cannot take the call; <paramref name="Reason"/> says it in words.</param>
public sealed record RouteCandidateAnswer(string Provider, string Model, int? Rank, double? Score,
    double? Quality, double? QualityMean, double? QualityDeviation, double? Evidence, double? Latency,
    double? ExpectedMs, double? Cost, double? ExpectedUsd, double? Availability,
    [property: OneOf(RouteCandidateAnswer.Reasons)] string? Filtered, string? Reason)
{
    public const string Reasons = "provider model kind modality tools json_schema locality context "
        + "output_length price_unknown budget gone unhealthy";

    public static RouteCandidateAnswer Of(ExplainedCandidate c) => new(c.Provider, c.Model, c.Rank, c.Score,
        c.Parts?.Quality, c.Parts?.QualityMean, c.Parts?.QualityDeviation, c.Parts?.Evidence,
        c.Parts?.Latency, c.Parts?.ExpectedMs, c.Parts?.Cost, c.Parts?.ExpectedUsd, c.Parts?.Availability,
        c.Filtered is { } filtered
            ? System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(filtered.ToString()) : null,
        c.Reason);
}

/// <summary>What a model makes, as doors say it.</summary>
internal static class ModelKindWords
{
    public static AnswerKind Read(string word) => word switch
    {
        "embedding" => AnswerKind.Embeddings,
        "transcription" => AnswerKind.Transcription,
        _ => AnswerKind.Chat,
    };

    public static string Of(AnswerKind kind) => kind switch
    {
        AnswerKind.Embeddings => "embedding",
        AnswerKind.Transcription => "transcription",
        _ => "chat",
    };
}
