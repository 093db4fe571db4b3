using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Aegis.Core.Catalogue;

/// <summary>An absolute address that may leave parts of a host or of a path to the user, such as
/// <c>https://{resource}.openai.azure.com/openai/v1</c>.</summary>
public sealed partial class ProviderAddress
{
    public const string Form = "an https address without user, query or fragment (http for a local one), "
        + "with placeholders such as {region}";

    public const string ValueForm = "1 to 63 letters, digits and '-' between them";

    private readonly Regex? places;

    private ProviderAddress(string text, ImmutableArray<string> placeholders, Uri example)
    {
        (Text, Placeholders, Example) = (text, placeholders, example);
        var host = Host().Match(text).Value;
        if (!Placeholder().IsMatch(host))
        {
            Place = PlaceOf(example);
        }
        else
        {
            var pattern = Placeholder().Replace(host, "\0").Split('\0').Select(Regex.Escape);
            places = new Regex($"^{string.Join("[a-z0-9-]+", pattern)}$",
                RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        }
    }

    public string Text { get; }

    /// <summary>Each once, in the order of their first use.</summary>
    public ImmutableArray<string> Placeholders { get; }

    /// <summary>Host and port; null where a placeholder stands in them.</summary>
    public string? Place { get; }

    /// <summary>The address with something in each placeholder.</summary>
    public Uri Example { get; }

    /// <summary>Null where the text has not the form.</summary>
    public static ProviderAddress? Parse(string text)
    {
        var filled = Placeholder().Replace(text, "x");
        return !filled.AsSpan().ContainsAny('{', '}') && Uri.TryCreate(filled, UriKind.Absolute, out var url)
            && url.UserInfo.Length + url.Query.Length + url.Fragment.Length == 0
            && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp)
            ? new ProviderAddress(text,
                [.. Placeholder().Matches(text).Select(m => m.Groups[1].Value).Distinct()], url)
            : null;
    }

    public static bool IsValue(string value) => Value().IsMatch(value);

    public static string PlaceOf(Uri url) => $"{url.IdnHost}:{url.Port}";

    /// <summary>Null where a placeholder has no value. No value can leave the part that it stands in.
    /// </summary>
    public Uri? Fill(IReadOnlyDictionary<string, string> values) =>
        Placeholders.All(name => values.TryGetValue(name, out var value) && IsValue(value))
            ? new Uri(Placeholder().Replace(Text, m => values[m.Groups[1].Value]))
            : null;

    /// <summary>Whether the other address is at a host and port that this one can name.</summary>
    public bool Covers(Uri url) => Place is { } fixedPlace ? fixedPlace == PlaceOf(url)
        : places!.IsMatch(url.Authority);

    public override string ToString() => Text;

    [GeneratedRegex(@"\{([a-z][a-z0-9_]{0,31})\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"(?<=^https?://)[^/]*")]
    private static partial Regex Host();

    [GeneratedRegex(@"^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\z")]
    private static partial Regex Value();
}
