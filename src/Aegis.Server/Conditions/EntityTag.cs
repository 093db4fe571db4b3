using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Net.Http.Headers;

namespace Aegis.Server.Conditions;

/// <summary>
/// The strong tag of a resource (RFC 9110, 8.8.3): a hash of the bytes that a door answers with, so that it
/// changes whenever they do, and no table needs a version for its sake.
///
/// A page that shows more than can be written, such as a workflow's newest starts, has a tag of two parts:
/// a reader's copy is stale when either changes, a writer's only when the state did.
/// </summary>
/// <param name="State">Of what is stored and may be written.</param>
/// <param name="View">Of the whole page, where it shows more than the state.</param>
public readonly record struct EntityTag(string State, string? View = null)
{
    private const int HashBytes = 24;

    public static EntityTag Of(ReadOnlySpan<byte> representation) => new(Hash(representation));

    /// <summary>The tag of what a door would answer with.</summary>
    public static EntityTag Of<T>(T answer, JsonTypeInfo<T> type) =>
        Of(JsonSerializer.SerializeToUtf8Bytes(answer, type));

    public EntityTag Showing(ReadOnlySpan<byte> representation) => this with { View = Hash(representation) };

    public override string ToString() => View is null ? $"\"{State}\"" : $"\"{State}.{View}\"";

    /// <summary>Whether a tag that a client sent is this one. What is about to be written has a state and no
    /// view, and is met by the tag of any page that showed this state.</summary>
    public bool IsMetBy(EntityTagHeaderValue sent, bool strongly) =>
        !(strongly && sent.IsWeak)
        && (sent.Tag == ToString()
            || (View is null && sent.Tag.StartsWith($"\"{State}.", StringComparison.Ordinal)));

    private static string Hash(ReadOnlySpan<byte> bytes) =>
        Base64Url.EncodeToString(SHA256.HashData(bytes).AsSpan(0, HashBytes));
}
