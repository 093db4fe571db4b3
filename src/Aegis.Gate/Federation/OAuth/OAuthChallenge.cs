using System.Text.RegularExpressions;

namespace Aegis.Gate.Federation.OAuth;

/// <summary>What a server that wants a token says of it (RFC 6750, RFC 9728).</summary>
/// <param name="Metadata">Where it describes itself; null where it does not say.</param>
/// <param name="Scope">What the request needs.</param>
internal sealed partial record OAuthChallenge(string? Metadata, string? Scope)
{
    private const int ScopeCharsMax = 1_024;

    public static OAuthChallenge Of(HttpResponseMessage answer)
    {
        var said = answer.Headers.WwwAuthenticate.FirstOrDefault(
            c => c.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))?.Parameter ?? "";
        var members = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (Match match in Member().Matches(said))
        {
            members.TryAdd(match.Groups[1].Value,
                match.Groups[2].Success ? match.Groups[2].Value : match.Groups[3].Value);
        }
        return new OAuthChallenge(members.GetValueOrDefault("resource_metadata"),
            members.GetValueOrDefault("scope") is { Length: <= ScopeCharsMax } scope ? scope : null);
    }

    [GeneratedRegex("""([A-Za-z_]+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))""", RegexOptions.NonBacktracking)]
    private static partial Regex Member();
}
