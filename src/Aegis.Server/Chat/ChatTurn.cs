using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core.Intents;
using Aegis.Gate;
using Aegis.Ledger.Chat;
using Aegis.Ledger.Tenants;

namespace Aegis.Server.Chat;

/// <summary>One message and all that its answer is made from.</summary>
/// <param name="Found">What was understood.</param>
/// <param name="Session">As it was when the message came in.</param>
internal sealed record ChatTurn(Principal By, TenancyKeys Keys, ChatSession Session, string Message,
    DetectedIntent Found, bool RequireAction, string? Repository)
{
    public string Language => Found.Language;

    public string Say(string name, params ReadOnlySpan<(string Name, string Value)> values) =>
        ChatTexts.BuiltIn.Say(name, Language, values);
}

/// <summary>What a turn came to.</summary>
/// <param name="Text">Null where the words were told already.</param>
internal sealed record ChatReply(string? Text, ImmutableArray<ChatActionAnswer> Actions)
{
    /// <summary>What waits for a yes; null for nothing.</summary>
    public ChatOffer? Offer { get; init; }

    /// <summary>The conversation is about this run now.</summary>
    public string? RunId { get; init; }

    public static ChatReply Of(string text) => new(text, []);
}

/// <summary>Something that the chat would do, and asked about.</summary>
internal sealed record ChatOffer(Intent Intent, ImmutableSortedDictionary<string, string> Slots)
{
    public string ToJson() => new JsonObject
    {
        ["intent"] = IntentWord.Of(Intent),
        ["slots"] = new JsonObject(Slots.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value))),
    }.ToJsonString();

    /// <summary>Null where nothing waits, or what waits is of no form that this release knows.</summary>
    public static ChatOffer? Read(string? json)
    {
        if (json is null)
        {
            return null;
        }
        using var stored = JsonDocument.Parse(json);
        var root = stored.RootElement;
        return IntentWord.Find(root.GetProperty("intent").GetString()) is { } intent && intent.Acts()
            ? new ChatOffer(intent, root.GetProperty("slots").EnumerateObject().ToImmutableSortedDictionary(
                m => m.Name, m => m.Value.GetString()!, StringComparer.Ordinal))
            : null;
    }
}
