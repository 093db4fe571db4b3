using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Aegis.Core.Audit;
using Aegis.Core.Errors;
using Aegis.Ledger.Reads;
using Aegis.Server.Problems;

namespace Aegis.Server.Json;

/// <summary>Where the next page begins, as text that clients hand back unread.</summary>
internal static class PageCursors
{
    public static string Write(DateTimeOffset at, string id) =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{EventHash.Microseconds(at)}:{id}"));

    /// <summary>The query's cursor; null for the first page.</summary>
    public static PageCursor? Read(HttpContext http)
    {
        if (Query.Text(http, "cursor") is not { } text)
        {
            return null;
        }
        if (Base64Url.IsValid(text)
            && Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split(':', 2) is [var at, var id]
            && long.TryParse(at, out var microseconds) && microseconds is >= 0 and < 1L << 53
            && id.Length <= DoorLimits.CursorIdCharsMax && id.All(IsOfId))
        {
            return new PageCursor(EventHash.FromMicroseconds(microseconds), id);
        }
        throw new AegisException(DoorErrors.Malformed("cursor is malformed", "next of the page before"));
    }

    /// <summary>How many rows came before this page, of a list whose order changes under its reader (sums,
    /// what is learned): a page begins at a place there, not after a name. Cut by
    /// <see cref="CutAt"/>.</summary>
    public static int Offset(HttpContext http) => Read(http) is not { Id: var id } ? 0
        : int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var place) ? place
        : throw new AegisException(DoorErrors.Malformed("cursor is malformed", "next of the page before"));

    public static (List<TAnswer> Items, string? Next) CutAt<TRow, TAnswer>(
        IReadOnlyList<TRow> found, int offset, int limit, Func<TRow, TAnswer> answer) =>
        Cut(found, limit, answer, _ => (offset + limit).ToString(CultureInfo.InvariantCulture));

    /// <summary>The page of rows of which one more than asked for was read: it tells whether there is a next
    /// page, and the last one shown is where that begins.</summary>
    public static (List<TAnswer> Items, string? Next) Cut<TRow, TAnswer>(
        IReadOnlyList<TRow> found, int limit, Func<TRow, TAnswer> answer,
        Func<TRow, (DateTimeOffset At, string Id)> place)
    {
        var last = found.Count > limit ? place(found[limit - 1]) : default;
        return ([.. found.Take(limit).Select(answer)], last.Id is null ? null : Write(last.At, last.Id));
    }

    /// <summary>As above, of rows in the order of their names.</summary>
    public static (List<TAnswer> Items, string? Next) Cut<TRow, TAnswer>(
        IReadOnlyList<TRow> found, int limit, Func<TRow, TAnswer> answer, Func<TRow, string> name) =>
        Cut(found, limit, answer, r => (DateTimeOffset.UnixEpoch, name(r)));

    private static bool IsOfId(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-';
}
