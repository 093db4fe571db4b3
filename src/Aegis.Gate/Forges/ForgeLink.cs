using System.Text.RegularExpressions;

namespace Aegis.Gate;

/// <summary>The next page of a list, by the Link header (RFC 8288).</summary>
public static partial class ForgeLink
{
    /// <summary>A path below the forge's address, with its query; null on the last page, and where the link
    /// leads elsewhere.</summary>
    public static string? Next(IEnumerable<string> headers, Uri address)
    {
        var match = Form().Match(string.Join(", ", headers));
        return match.Success && Uri.TryCreate(address, match.Groups["to"].Value, out var next)
            && address.IsBaseOf(next)
            ? "/" + next.AbsoluteUri[address.AbsoluteUri.Length..] : null;
    }

    [GeneratedRegex("""<(?<to>[^<>]+)>\s*;\s*rel="?next"?(?=[\s,;]|\z)""")]
    private static partial Regex Form();
}
