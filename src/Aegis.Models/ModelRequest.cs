using System.Collections.Immutable;
using Aegis.Core.Profiles;

namespace Aegis.Models;

/// <summary>One chat call. Model is a provider's model name or an alias of the profile; null takes the alias
/// <c>reasoning</c>. Role and Turn identify the place in a rehearsal.</summary>
public sealed record ModelRequest(
    ImmutableArray<ModelMessage> Messages,
    string? Provider = null,
    string? Model = null,
    string Role = "user",
    int Turn = 1,
    double? Temperature = null,
    int? MaxTokens = null)
{
    /// <summary>Whether the words are wanted as they come, beside the whole reply.</summary>
    public bool Streams { get; init; }
}

/// <param name="Role">system, user or assistant.</param>
public sealed record ModelMessage(string Role, string Text);

/// <summary>A reply and what it cost. Origin says where the words come from: <c>live</c>, <c>recorded</c> or
/// <c>scripted</c>; it shows wherever the words do.</summary>
public sealed record ModelReply(string Text, string Provider, string Model, string Origin, long InputTokens,
    long OutputTokens, decimal CostUsd);
