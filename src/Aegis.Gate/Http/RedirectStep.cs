using Aegis.Core.Errors;
using Aegis.Core.Policy;

namespace Aegis.Gate.Http;

/// <summary>From a redirect to the request that follows it, as browsers do, with two rules more: nothing goes
/// from https to http, and another origin gets no header that could be a credential.</summary>
public static class RedirectStep
{
    public static bool Is(int status) => status is 301 or 302 or 303 or 307 or 308;

    public static (HttpCall? Next, AegisError? Error) From(HttpCall call, int status, Uri? location)
    {
        if (location is null)
        {
            return (null, Wrong($"the answer {status} names no place to go"));
        }
        var (url, error) = EgressTarget.ReadUrl(new Uri(call.Url, location).AbsoluteUri);
        if (url is null)
        {
            return (null, Wrong($"a redirect leads where nothing may go: {error!.Message}"));
        }
        if (call.Url.Scheme == Uri.UriSchemeHttps && url.Scheme == Uri.UriSchemeHttp)
        {
            return (null, Wrong($"a redirect leads from https to http, on {url.Host}"));
        }
        var next = call with { Url = url };
        if (!SameOrigin(call.Url, url))
        {
            next = next with { Headers = RequestHeaders.ForAnotherHost(call.Headers) };
        }
        return (BecomesGet(call.Method, status) ? AsGet(next) : next, null);
    }

    private static bool BecomesGet(string method, int status) => method is not ("GET" or "HEAD")
        && (status == 303 || (status is 301 or 302 && method == "POST"));

    private static HttpCall AsGet(HttpCall call) => call with
    {
        Method = "GET",
        Body = default,
        Headers = [.. call.Headers.Where(header =>
            !header.Name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase))],
    };

    private static bool SameOrigin(Uri a, Uri b) => Uri.Compare(a, b, UriComponents.SchemeAndServer,
        UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;

    private static AegisError Wrong(string why) => new("AEGIS2167", why, "a redirect that can be followed",
        Mend: "name the place itself in url");
}
