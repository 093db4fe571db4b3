using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Aegis.Core.Runs.Models;

/// <summary>A call to a model as it ended: what was asked for, who answered, and what it used.</summary>
/// <param name="Asked">The alias or model that the call named; <c>auto</c> where it left the choice.</param>
/// <param name="TaskType">What it was for, as learning tells quality apart by it.</param>
/// <param name="Agent">Who spoke: a role such as <c>builder</c>; null for nobody in particular.</param>
/// <param name="Provider">Who answered, or was asked last.</param>
/// <param name="Origin"><c>live</c>, <c>cached</c>, <c>recorded</c> or <c>scripted</c>.</param>
/// <param name="Outcome"><c>answered</c>, <c>failed</c>, or <c>aborted</c> where the caller
/// went away.</param>
/// <param name="Tokens">What was used altogether, tries that failed included.</param>
/// <param name="CostUsd">Exactly; of a try that failed what its provider may count.</param>
/// <param name="SavedUsd">What the answer would have cost more without caches.</param>
/// <param name="TookUs">Until the whole answer was there.</param>
/// <param name="FirstTokenUs">Until the first event of a stream; null for an answer in one piece.</param>
/// <param name="Tries">Those before the last one, in order; null where the first try was the last.</param>
/// <param name="Seed">Of the choice: with it the choice can be made again. Null where nothing was
/// chosen.</param>
public sealed record ModelUse(
    string Asked, string TaskType, string? Agent, string Provider, string Model, string Origin,
    string Outcome, ModelTokens Tokens, decimal CostUsd, decimal SavedUsd, long TookUs,
    long? FirstTokenUs = null, ImmutableArray<ModelTry>? Tries = null,
    [property: JsonNumberHandling(
        JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString)]
    ulong? Seed = null)
{
    public const string Answered = "answered";
    public const string Failed = "failed";
    public const string Aborted = "aborted";

    /// <summary>Whether the answer was a JSON object where one was asked for, by a schema or without; null
    /// where none was. The schema itself is not held against it.</summary>
    public bool? SchemaValid { get; init; }

    /// <summary>The model's name in the catalogue or profile, by which it is chosen, paid for and learned of,
    /// where its provider answered under another one; null where both are the same.</summary>
    public string? Chosen { get; init; }

    /// <summary>The model that was named before another took its place for good; null for none.</summary>
    public string? Replaced { get; init; }
}

/// <param name="Input">With what came from the provider's cache and what was written to it.</param>
/// <param name="Output">With reasoning.</param>
public sealed record ModelTokens(long Input, long Output, long CachedInput = 0, long CacheWrite = 0,
    long Reasoning = 0)
{
    public static ModelTokens None { get; } = new(0, 0);
}

/// <summary>A try that did not bring the answer.</summary>
/// <param name="Failure">Its kind, such as <c>rate_limited</c>; no word of the conversation.</param>
public sealed record ModelTry(string Provider, string Model, string Failure, int Status, long TookUs);
