using System.Text.RegularExpressions;
using Aegis.Core.Errors;

namespace Aegis.Core.Profiles;

/// <summary>Reads <c>forge</c> of a profile.</summary>
internal static partial class ForgeFields
{
    private const string DefaultAddress = "https://api.github.com";
    private const string AddressForm =
        "an https address without user, query or fragment (http on this machine)";

    /// <summary>Null for the local forge, or where something is wrong.</summary>
    public static ForgeProfile? Read(YamlFields profile, List<Diagnostic> errors)
    {
        if (profile.Value("forge") is not { } value
            || YamlFields.Of(value, "forge", errors, "kind", "base_url", "git_url", "repository", "token")
                is not { } fields)
        {
            return null;
        }
        var kind = fields.Required("kind", 16);
        if (kind == "local")
        {
            foreach (var name in (string[])["base_url", "git_url", "repository", "token"])
            {
                if (fields.Value(name) is { } given)
                {
                    YamlFields.Wrong(errors, given, $"forge.{name}", "nothing: the local forge has none");
                }
            }
            return null;
        }
        if (kind is not (null or "github"))
        {
            YamlFields.Wrong(errors, fields.Value("kind")!, "forge.kind", "local or github");
        }
        return kind == "github" ? GitHub(value, fields, errors) : null;
    }

    private static ForgeProfile? GitHub(YamlValue place, YamlFields fields, List<Diagnostic> errors)
    {
        var known = errors.Count;
        var address = Address(fields, "base_url", errors) ?? new Uri(DefaultAddress + "/");
        var git = Address(fields, "git_url", errors) ?? ForgeProfile.GitOf(address);
        if (git is null)
        {
            errors.Add(new(place.At, new("AEGIS2315", "forge lacks git_url",
                "where git finds the repositories; only GitHub's own addresses tell it by themselves",
                Mend: "add git_url: https://HOST")));
        }
        var match = Repository().Match(fields.Required("repository", 201) ?? "");
        if (fields.Value("repository") is { } named && !match.Success)
        {
            YamlFields.Wrong(errors, named, "forge.repository", "owner/name");
        }
        var (secret, fromHost) = Token(place, fields, errors);
        return errors.Count == known && (secret is not null || fromHost)
            ? new(address, git!, match.Groups[1].Value, match.Groups[2].Value, secret) : null;
    }

    private static Uri? Address(YamlFields fields, string name, List<Diagnostic> errors)
    {
        if (fields.Text(name) is not { } text)
        {
            return null;
        }
        // what ends in no slash would lose its last part under what is put below it
        if (Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var url)
            && url.UserInfo.Length + url.Query.Length + url.Fragment.Length == 0
            && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)))
        {
            return url;
        }
        YamlFields.Wrong(errors, fields.Value(name)!, $"forge.{name}", AddressForm);
        return null;
    }

    private static (string? Secret, bool FromHost) Token(YamlValue place, YamlFields forge,
        List<Diagnostic> errors)
    {
        if (forge.Value("token") is not { } value)
        {
            errors.Add(new(place.At, new("AEGIS2315", "forge lacks token",
                Mend: "add token: { secret: NAME }, and store it: aegis secret set NAME")));
            return default;
        }
        if (value is not YamlMap)
        {
            errors.Add(Named(value, "a map of secret, env"));
            return default;
        }
        if (YamlFields.Of(value, "forge.token", errors, "secret", "env") is not { } fields)
        {
            return default;
        }
        var (secret, env) = (fields.Text("secret"), fields.Text("env"));
        if ((secret is null) == (env is null))
        {
            errors.Add(Named(value, "either secret or env"));
        }
        else if (secret is not null && !SecretName().IsMatch(secret))
        {
            errors.Add(Named(value, "the name of a secret of the project"));
        }
        else if (env is not (null or ForgeProfile.HostTokenName))
        {
            errors.Add(Named(value, $"env: {ForgeProfile.HostTokenName}, the only one that is lent"));
        }
        return (secret, env == ForgeProfile.HostTokenName);
    }

    // the value itself is not shown: the likeliest mistake is the token in place of its name
    private static Diagnostic Named(YamlValue value, string expected) => new(value.At, new("AEGIS2314",
        "forge.token has the wrong kind of value", expected,
        Mend: "a token itself never stands in a profile; see docs/profile.md"));

    [GeneratedRegex(@"^(?!\.\.?/)([A-Za-z0-9._-]{1,100})/(?!\.\.?\z)([A-Za-z0-9._-]{1,100})\z")]
    private static partial Regex Repository();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z")]
    private static partial Regex SecretName();
}
