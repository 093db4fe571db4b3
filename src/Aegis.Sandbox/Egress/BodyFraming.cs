using System.Globalization;

namespace Aegis.Sandbox.Egress;

internal enum BodyKind
{
    None,
    Length,
    Chunked,
    UntilClose,
}

/// <summary>Where a message's body ends. Two answers to that are how a second request is smuggled past the
/// rules, so that there is one, or the message is refused.</summary>
internal readonly record struct BodyFraming(BodyKind Kind, long Length = 0)
{
    private const int DigitsMax = 18;

    public static BodyFraming OfRequest(HttpHead head) =>
        Of(head, EgressErrors.Ambiguous) ?? new BodyFraming(BodyKind.None);

    public static BodyFraming OfAnswer(HttpHead head, string method, int status, string host)
    {
        var framing = Of(head, (why, _) => EgressErrors.BadAnswer(host, why));
        return method == "HEAD" || status is 204 or 304 ? new BodyFraming(BodyKind.None)
            : framing ?? new BodyFraming(BodyKind.UntilClose);
    }

    private static BodyFraming? Of(HttpHead head, Func<string, string, EgressRefusedException> ambiguous)
    {
        var (encodings, lengths) = (head.Values("Transfer-Encoding").ToArray(),
            head.Values("Content-Length").ToArray());
        if (encodings.Length > 0)
        {
            if (lengths.Length > 0)
            {
                throw ambiguous("Content-Length and Transfer-Encoding", "one of them");
            }
            return encodings.Length == 1 && encodings[0].Equals("chunked", StringComparison.OrdinalIgnoreCase)
                ? new BodyFraming(BodyKind.Chunked)
                : throw ambiguous("another Transfer-Encoding than chunked", "chunked");
        }
        if (lengths.Length == 0)
        {
            return null;
        }
        return lengths.Length == 1 && lengths[0].Length is > 0 and <= DigitsMax
            && lengths[0].All(char.IsAsciiDigit)
            ? new BodyFraming(BodyKind.Length, long.Parse(lengths[0], CultureInfo.InvariantCulture))
            : throw ambiguous("Content-Length is no single number", "one number of bytes");
    }
}
