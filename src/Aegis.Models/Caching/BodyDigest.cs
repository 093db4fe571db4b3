using System.Buffers;
using System.Text.Json;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;

namespace Aegis.Models.Caching;

/// <summary>What of a call's body decides its answer, as a hash: without the members that change nothing,
/// and whatever the order of the others and the space between them. Only the body's own members are put in
/// order; within them the order is the client's.</summary>
internal static class BodyDigest
{
    // how it is delivered, and who is behind it; the model, tokens and temperature are hashed as they are
    // sent
    private static readonly string[] WithoutEffect =
    [
        "user", "metadata", "service_tier", "safety_identifier", "prompt_cache_key",
        "prompt_cache_retention",
    ];

    // the provider does something beside answering, or looks into a world that changes
    private static readonly string[] Acts =
    [
        "store", "background", "conversation", "previous_response_id", "functions", "container",
        "mcp_servers", "plugins", "web_search_options", "search_parameters", "enable_search", "audio",
        "modalities", "transforms",
    ];

    /// <returns>False for a body whose answer is not to be kept: the provider is to act, or a text in it is
    /// broken.</returns>
    public static bool TryOf(ReadOnlySpan<byte> body, CallOutline outline, Span<byte> sha256)
    {
        Span<int> order = stackalloc int[ProtocolLimits.MembersMax];
        var count = 0;
        for (var i = 0; i < outline.Members.Count; i++)
        {
            var member = outline.Members[i];
            if (member.Known is KnownMember.Model or KnownMember.Stream or KnownMember.StreamOptions
                or KnownMember.MaxTokens or KnownMember.Temperature or KnownMember.Choices
                || IsOne(WithoutEffect, Name(body, member)) || IsOff(body, member))
            {
                continue;
            }
            if (IsOne(Acts, Name(body, member)))
            {
                return false;
            }
            Insert(order, count++, i, body, outline);
        }
        var hash = new CanonicalHash();
        try
        {
            foreach (var i in order[..count])
            {
                hash.Add(Name(body, outline.Members[i]));
                Value(body[outline.Members[i].Value..outline.Members[i].End], ref hash);
            }
            hash.Finish(sha256);
            return true;
        }
        catch (InvalidOperationException)
        {
            // half of a surrogate pair
            return false;
        }
        finally
        {
            hash.Dispose();
        }
    }

    private static void Insert(Span<int> order, int count, int index, ReadOnlySpan<byte> body,
        CallOutline outline)
    {
        var name = Name(body, outline.Members[index]);
        var at = count;
        for (; at > 0 && name.SequenceCompareTo(Name(body, outline.Members[order[at - 1]])) < 0; at--)
        {
            order[at] = order[at - 1];
        }
        order[at] = index;
    }

    private static void Value(ReadOnlySpan<byte> json, ref CanonicalHash hash)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = ProtocolLimits.DepthMax });
        while (reader.Read())
        {
            hash.Mark((byte)reader.TokenType);
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName
                or JsonTokenType.Number))
            {
                continue;
            }
            if (!reader.ValueIsEscaped)
            {
                hash.Add(reader.ValueSpan);
                continue;
            }
            var plain = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
            try
            {
                hash.Add(plain.AsSpan(0, reader.CopyString(plain)));
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(plain, clearArray: true);
            }
        }
    }

    // an escaped name is none of those that are looked for, and counts as it was written
    private static ReadOnlySpan<byte> Name(ReadOnlySpan<byte> body, MemberRange member)
    {
        var name = body[(member.Name + 1)..member.Value];
        return name[..name.LastIndexOf((byte)'"')];
    }

    private static bool IsOff(ReadOnlySpan<byte> body, MemberRange member) =>
        body[member.Value..member.End] is [(byte)'f', ..] or [(byte)'n', ..];

    private static bool IsOne(string[] names, ReadOnlySpan<byte> name)
    {
        foreach (var one in names)
        {
            if (one.Length == name.Length && System.Text.Ascii.Equals(name, one))
            {
                return true;
            }
        }
        return false;
    }
}
