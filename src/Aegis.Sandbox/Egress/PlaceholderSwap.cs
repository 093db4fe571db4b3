using System.Collections.Immutable;
using System.Text;

namespace Aegis.Sandbox.Egress;

/// <summary>Puts values in the place of placeholders: in headers, inside the base64 of Basic, and escaped in
/// a query. A body and a path go through as they are.</summary>
internal sealed class PlaceholderSwap(ImmutableArray<BoundSecret> secrets)
{
    private const string Basic = "Basic ";
    private readonly List<string> credentials = [];

    public static PlaceholderSwap None { get; } = new([]);

    /// <summary>Credentials of Basic that went out with a value inside.</summary>
    public IReadOnlyList<string> Credentials => credentials;

    /// <summary>Those placeholders that a request holds where they are swapped.</summary>
    public static ImmutableArray<string> Named(ProxyRequest request, ImmutableArray<string> placeholders)
    {
        string[] places =
        [
            Query(request.Target), .. request.Head.Fields.Select(field => field.Value),
            .. request.Head.Fields.Select(field => ReadBasic(field.Value)).OfType<string>(),
        ];
        return [.. placeholders.Where(word =>
            places.Any(place => place.Contains(word, StringComparison.Ordinal)))];
    }

    public string InValue(string value)
    {
        if (ReadBasic(value) is not { } pair)
        {
            return Swap(value, secret => secret);
        }
        var swapped = Convert.ToBase64String(Encoding.Latin1.GetBytes(Swap(pair, secret => secret)));
        credentials.Add(swapped);
        return Basic + swapped;
    }

    /// <param name="target">Path with query; only the query is changed.</param>
    public string InQuery(string target) =>
        target[..^Query(target).Length] + Swap(Query(target), Uri.EscapeDataString);

    private static string Query(string target) =>
        target.IndexOf('?', StringComparison.Ordinal) is var mark and >= 0 ? target[mark..] : "";

    private static string? ReadBasic(string value)
    {
        if (!value.StartsWith(Basic, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }
        var base64 = value[Basic.Length..].Trim();
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var count)
            ? Encoding.Latin1.GetString(bytes, 0, count) : null;
    }

    private string Swap(string text, Func<string, string> form)
    {
        foreach (var secret in secrets)
        {
            text = text.Replace(secret.Placeholder, form(secret.Value), StringComparison.Ordinal);
        }
        return text;
    }
}
