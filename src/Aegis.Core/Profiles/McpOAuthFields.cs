using Aegis.Core.Errors;
using Aegis.Core.Federation;

namespace Aegis.Core.Profiles;

/// <summary>Reads addresses of an outside MCP server, and how a token for it is got.</summary>
internal static class McpOAuthFields
{
    private const int ScopeCharsMax = 1_024;

    public static McpOAuthProfile? Read(YamlFields server, string where, List<Diagnostic> errors)
    {
        if (server.Value("oauth") is not { } value)
        {
            return null;
        }
        var place = $"{where}.oauth";
        foreach (var other in (string[])["command", "token_secret"])
        {
            if (server.Value(other) is not null)
            {
                YamlFields.Wrong(errors, value, place, $"nothing beside {other}");
            }
        }
        if (YamlFields.Of(value, place, errors, "issuer", "client_id_secret", "client_secret", "scope")
            is not { } fields)
        {
            return null;
        }
        fields.Required("issuer");
        var (id, secret) = (fields.Required("client_id_secret", IdRule.LengthMax),
            fields.Required("client_secret", IdRule.LengthMax));
        var scope = fields.Text("scope", ScopeCharsMax);
        if (scope is not null && !scope.Split(' ').All(IsScope))
        {
            YamlFields.Wrong(errors, fields.Value("scope")!, $"{place}.scope", "scopes, separated by spaces");
        }
        return Address(fields, "issuer", place, errors) is { } issuer && id is not null && secret is not null
            ? new McpOAuthProfile(issuer, id, secret, scope)
            : null;
    }

    /// <summary>Null where it is not named, or is none.</summary>
    public static Uri? Address(YamlFields fields, string member, string where, List<Diagnostic> errors)
    {
        if (fields.Text(member) is not { } text)
        {
            return null;
        }
        if (Uri.TryCreate(text, UriKind.Absolute, out var url)
            && url.UserInfo.Length + url.Fragment.Length == 0
            && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)))
        {
            return url;
        }
        YamlFields.Wrong(errors, fields.Value(member)!, $"{where}.{member}",
            "an https address without user or fragment (http on this machine)");
        return null;
    }

    // RFC 6749: visible characters but for the quotation mark and the backslash
    private static bool IsScope(string name) =>
        name.Length > 0 && name.All(c => c is > ' ' and <= '~' and not '"' and not '\\');
}
