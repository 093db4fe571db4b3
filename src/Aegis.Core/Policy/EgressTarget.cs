using Aegis.Core.Errors;

namespace Aegis.Core.Policy;

/// <summary>Where a request goes: what egress_allow is asked about.</summary>
/// <param name="Host">In lower case, international names as xn--; an address of IPv6 in brackets, which no
/// entry covers.</param>
/// <param name="Method">CONNECT for a tunnel; null where it is asked about later.</param>
/// <param name="Path">As it is sent, without the query; null where nobody can see it, as in a
/// tunnel.</param>
public sealed record EgressTarget(string Host, int Port, string? Method = null, string? Path = null)
{
    public const int UrlLengthMax = 8 * 1024;

    public static (Uri? Url, AegisError? Error) ReadUrl(string text) =>
        text.Length > UrlLengthMax ? (null, Wrong("is too long", $"at most {UrlLengthMax} characters"))
        : !Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http")
            ? (null, Wrong("is no absolute http or https address", "https://host/path"))
        : url.UserInfo.Length > 0
            ? (null, Wrong("holds a user or a password", "an address without them",
                "send credentials in a header"))
        : (url, null);

    public static EgressTarget Of(Uri url, string? method = null) =>
        new(url.HostNameType == UriHostNameType.IPv6 ? url.Host : url.IdnHost, url.Port, method,
            url.AbsolutePath);

    public override string ToString() => $"{Host}:{Port}";

    // never shows the address itself: a query may hold a secret
    private static AegisError Wrong(string why, string expected, string? mend = null) => new("AEGIS2160",
        $"the address of the request {why}", expected, Mend: mend ?? "correct url");
}
