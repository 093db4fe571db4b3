namespace Aegis.Core.Rehearsals;

/// <summary>The first place where a request is not the one that was rehearsed.</summary>
/// <param name="Equal">Things that were said alike before.</param>
/// <param name="Expected">What the rehearsal has there, in words.</param>
/// <param name="Got">What the request has there.</param>
public sealed record RequestDifference(int Equal, string Place, string Expected, string Got)
{
    private const int ShownCharsMax = 80;
    private const string Nothing = "nothing more";

    /// <summary>Null where the request is the rehearsed one.</summary>
    public static RequestDifference? Between(RehearsedRequest rehearsed, RehearsedRequest actual)
    {
        var wanted = RequestLines.Of(rehearsed);
        var came = RequestLines.Of(Stated(rehearsed, actual));
        var same = 0;
        while (same < wanted.Count && same < came.Count && wanted[same].Fits(came[same]))
        {
            same++;
        }
        RequestLine? left = same < wanted.Count ? wanted[same] : null;
        RequestLine? right = same < came.Count ? came[same] : null;
        return (left, right) switch
        {
            (null, null) => null,
            ({ } one, { } other) when one.Place == other.Place => Within(same, one, other),
            _ => new(same, (right ?? left)!.Value.Place, Said(left), Said(right)),
        };
    }

    // what the file leaves open is as it may be
    private static RehearsedRequest Stated(RehearsedRequest rehearsed, RehearsedRequest actual) => actual with
    {
        Temperature = rehearsed.Temperature is null ? null : actual.Temperature,
        TopP = rehearsed.TopP is null ? null : actual.TopP,
        MaxTokens = rehearsed.MaxTokens is null ? null : actual.MaxTokens,
    };

    private static RequestDifference Within(int same, RequestLine wanted, RequestLine came)
    {
        var (left, right) = (wanted.Text.Text, came.Text.Text);
        var at = left.AsSpan().CommonPrefixLength(right);
        if (wanted.Text.Sha256 is { } hash && at == left.Length)
        {
            return new(same, $"{wanted.Place}, behind its first {at} characters", $"SHA-256 {hash}",
                $"\"{Cut(right, at)}\"");
        }
        var place = at == 0 ? wanted.Place : $"{wanted.Place} at character {at + 1}";
        return new(same, place, $"\"{Cut(left, at)}\"", $"\"{Cut(right, at)}\"");
    }

    private static string Said(RequestLine? line) =>
        line is { } there ? $"{there.Place} \"{Cut(there.Text.Text, 0)}\"" : Nothing;

    public static string Cut(string text, int from) =>
        text.Length - from > ShownCharsMax ? $"{text.AsSpan(from, ShownCharsMax)}…" : text[from..];
}
