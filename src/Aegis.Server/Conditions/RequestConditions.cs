using Aegis.Core.Errors;
using Aegis.Ledger;
using Microsoft.Net.Http.Headers;

namespace Aegis.Server.Conditions;

/// <summary>What a request asks of the state of its resource: <c>If-Match</c> and <c>If-None-Match</c> by
/// RFC 9110, 13. A header that was not sent asks nothing.</summary>
public sealed class RequestConditions
{
    private readonly IReadOnlyList<EntityTagHeaderValue>? match;
    private readonly IReadOnlyList<EntityTagHeaderValue>? noneMatch;

    private RequestConditions(IHeaderDictionary headers)
    {
        match = Tags(headers, HeaderNames.IfMatch);
        noneMatch = Tags(headers, HeaderNames.IfNoneMatch);
    }

    /// <exception cref="AegisException">AEGIS6076 where a header is malformed.</exception>
    public static RequestConditions Read(IHeaderDictionary headers) => new(headers);

    /// <summary>For a read: true where the client has this representation already; AEGIS6077 where it wants
    /// another one.</summary>
    public bool HasAlready(EntityTag tag)
    {
        RequireMatch(tag);
        return noneMatch is not null && IsListed(noneMatch, tag, strongly: false);
    }

    /// <summary>For a write: held against what is stored, under the lock that the write is done with. Null
    /// where the request asks nothing.</summary>
    /// <param name="tagOf">The tag of what is stored, as the resource's own GET gives it.</param>
    public StoredCheck<T>? On<T>(Func<T, EntityTag> tagOf)
        where T : class =>
        match is null && noneMatch is null
            ? null
            : stored => RequireWritable(stored is null ? null : tagOf(stored));

    /// <param name="stored">Null where nothing is there.</param>
    private void RequireWritable(EntityTag? stored)
    {
        RequireMatch(stored);
        if (noneMatch is not null && stored is { } tag && IsListed(noneMatch, tag, strongly: false))
        {
            throw new AegisException(ConditionErrors.IsThere);
        }
    }

    private void RequireMatch(EntityTag? stored)
    {
        if (match is not null && !(stored is { } tag && IsListed(match, tag, strongly: true)))
        {
            throw new AegisException(ConditionErrors.Changed(stored is not null));
        }
    }

    private static bool IsListed(IReadOnlyList<EntityTagHeaderValue> list, EntityTag tag, bool strongly) =>
        list.Any(sent => IsAny(sent) || tag.IsMetBy(sent, strongly));

    private static List<EntityTagHeaderValue>? Tags(IHeaderDictionary headers, string name)
    {
        if (!headers.TryGetValue(name, out var values))
        {
            return null;
        }
        if (!EntityTagHeaderValue.TryParseStrictList([.. values.Select(v => v ?? "")], out var tags))
        {
            throw new AegisException(ConditionErrors.Malformed(name, $"{values}"));
        }
        if (tags.Count > DoorLimits.EntityTagsMax || (tags.Count > 1 && tags.Any(IsAny)))
        {
            throw new AegisException(ConditionErrors.Malformed(name,
                tags.Count > DoorLimits.EntityTagsMax ? $"{tags.Count} tags" : "* beside others"));
        }
        return [.. tags];
    }

    private static bool IsAny(EntityTagHeaderValue tag) => tag.Equals(EntityTagHeaderValue.Any);
}
