using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using Aegis.Core.Errors;

namespace Aegis.Gate.Http;

/// <summary>Which headers a caller may set, and which go along to another host.</summary>
public static partial class RequestHeaders
{
    public const int CountMax = 64;
    public const int ValueBytesMax = 8 * 1024;

    /// <summary>Those of one connection, those that say where a body ends, and Host: two readings of a
    /// request are how a request is smuggled.</summary>
    public static FrozenSet<string> Refused { get; } = FrozenSet.Create(StringComparer.OrdinalIgnoreCase,
        "Host", "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection",
        "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Content-Length", "Expect", "HTTP2-Settings");

    // any other header may hold a credential, whatever its name
    private static readonly FrozenSet<string> ForAnyHost = FrozenSet.Create(StringComparer.OrdinalIgnoreCase,
        "Accept", "Accept-Language", "Content-Type", "User-Agent");

    /// <summary>What is wrong with them, or null.</summary>
    public static AegisError? Check(IReadOnlyCollection<HttpField> headers)
    {
        if (headers.Count > CountMax)
        {
            return Wrong("there are too many headers", $"at most {CountMax}");
        }
        foreach (var (name, value) in headers)
        {
            if (!Name().IsMatch(name))
            {
                return Wrong("a header's name is malformed", "1 to 128 characters of a token (RFC 9110)");
            }
            if (Refused.Contains(name))
            {
                return Wrong($"the header {name} is not the caller's to set", "another one");
            }
            if (Encoding.UTF8.GetByteCount(value) > ValueBytesMax || !Value().IsMatch(value))
            {
                return Wrong($"the value of the header {name} cannot be sent",
                    $"at most {ValueBytesMax} visible ASCII characters and spaces");
            }
        }
        return null;
    }

    public static ImmutableArray<HttpField> ForAnotherHost(ImmutableArray<HttpField> headers) =>
        [.. headers.Where(header => ForAnyHost.Contains(header.Name))];

    [GeneratedRegex(@"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"^[\t -~]*\z")]
    private static partial Regex Value();

    private static AegisError Wrong(string why, string expected) =>
        new("AEGIS2163", why, expected, Mend: "correct headers; docs/tools-http.md lists what is refused");
}
