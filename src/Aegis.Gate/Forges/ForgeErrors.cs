using Aegis.Core.Errors;
using Aegis.Core.Profiles;

namespace Aegis.Gate;

/// <summary>Refusals on the way to an outside forge; contracts/errors/quality.yaml explains each.</summary>
internal static class ForgeErrors
{
    public static AegisException NotAllowed(Uri url) => new(new AegisError("AEGIS2390",
        $"the forge {url.Host} cannot be reached from here", "a public address by https",
        url.Scheme == Uri.UriSchemeHttps ? "loopback, private, link-local or another special address"
            : "plain http",
        $"have the operator name {url.IdnHost}:{url.Port} in AEGIS_FORGE_PRIVATE_HOSTS"));

    public static AegisException NoToken(ForgeProfile forge) => new(forge.TokenSecret is { } secret
        ? new AegisError("AEGIS2391",
            $"the forge's token is not there: the project has no secret {secret}, or it holds no token",
            "the secret that forge.token of the profile names",
            Mend: $"store it: aegis secret set {secret}")
        : new AegisError("AEGIS2391", "the server's GITHUB_TOKEN is not lent to this project for this forge",
            "a project of AEGIS_GITHUB_TOKEN_PROJECTS, with the base_url of AEGIS_GITHUB_URL",
            Mend: "name a secret of the project instead: token: { secret: NAME }"));

    public static AegisException TooLong(int bytesMax) => new(new AegisError("AEGIS2398",
        "the answer of the forge is too long", $"at most {bytesMax} bytes"));

    public static AegisException Redirected(Uri from) => new(new AegisError("AEGIS2397",
        $"the forge {from.Host} leads to another place, where the token does not go", "an answer",
        Mend: "correct forge.base_url and forge.repository in the profile"));

    public static AegisException RateLimited(string host, TimeSpan wait) => new(new AegisError("AEGIS2395",
        $"the rate limit of {host} is used up", $"room within {RemoteForge.WaitMax.TotalSeconds:0} s",
        $"{Math.Ceiling(wait.TotalSeconds):0} s to wait",
        "let the step wait: retry with a backoff as long, or use a token of its own"));

    public static AegisException NoAnswer(Uri url, string why) => new(new AegisError("AEGIS2008",
        $"the forge {url.Host} did not answer as expected: {why}"));
}
