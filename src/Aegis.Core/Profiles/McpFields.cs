using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Federation;

namespace Aegis.Core.Profiles;

/// <summary>Reads <c>mcp.servers</c> of a profile.</summary>
internal static class McpFields
{
    private const int CommandWordsMax = 64;

    public static ImmutableSortedDictionary<string, McpServerProfile> Read(
        YamlFields profile, List<Diagnostic> errors)
    {
        var servers =
            ImmutableSortedDictionary.CreateBuilder<string, McpServerProfile>(StringComparer.Ordinal);
        if (profile.Value("mcp") is not { } value
            || YamlFields.Of(value, "mcp", errors, "servers") is not { } fields)
        {
            return servers.ToImmutable();
        }
        foreach (var (name, given) in fields.Entries("servers"))
        {
            if (Server(name, given, errors) is { } server)
            {
                servers[name] = server;
            }
        }
        if (servers.Count > McpServerProfile.ServersMax)
        {
            YamlFields.Wrong(errors, value, "mcp.servers", $"at most {McpServerProfile.ServersMax} servers");
        }
        return servers.ToImmutable();
    }

    private static McpServerProfile? Server(string name, YamlValue value, List<Diagnostic> errors)
    {
        var (where, known) = ($"mcp.servers.{name}", errors.Count);
        if (!IdRule.IsValid(name) || name.Contains('.'))
        {
            YamlFields.Wrong(errors, value, where, "a name of letters, digits, '_', '-'");
        }
        if (YamlFields.Of(value, where, errors, "url", "token_secret", "command", "env", "egress_allow",
            "effect", "effects", "oauth") is not { } fields)
        {
            return null;
        }
        var (url, command) = (McpOAuthFields.Address(fields, "url", where, errors),
            Words(fields, "command", where, errors));
        if (fields.Value("url") is null == command.IsEmpty)
        {
            YamlFields.Wrong(errors, value, where, "url, or command: one of the two");
        }
        foreach (var member in (string[])["env", "egress_allow"])
        {
            if (fields.Value("url") is not null && fields.Value(member) is { } given)
            {
                YamlFields.Wrong(errors, given, $"{where}.{member}", "nothing: it is of a command");
            }
        }
        if (fields.Value("command") is not null && fields.Value("token_secret") is { } token)
        {
            YamlFields.Wrong(errors, token, $"{where}.token_secret", "nothing: it is of an address");
        }
        var oauth = McpOAuthFields.Read(fields, where, errors);
        var effects = fields.Entries("effects")
            .Select(e => (e.Name, Effect: Effect(e.Value, $"{where}.effects", errors)))
            .ToImmutableSortedDictionary(e => e.Name, e => e.Effect, StringComparer.Ordinal);
        var effect = fields.Value("effect") is { } said
            ? Effect(said, $"{where}.effect", errors)
            : McpServerProfile.EffectDefault;
        return errors.Count > known ? null : new McpServerProfile(name, url,
            fields.Text("token_secret", IdRule.LengthMax), command, Env(fields, where, errors),
            EgressFields.Read(fields, $"{where}.egress_allow", errors), effect, effects)
        {
            OAuth = oauth,
        };
    }

    private static ImmutableArray<string> Words(
        YamlFields fields, string member, string where, List<Diagnostic> errors)
    {
        var words = ImmutableArray.CreateBuilder<string>();
        foreach (var item in fields.Items(member))
        {
            if (item is YamlScalar { Text.Length: > 0 and <= 1024 } word && words.Count < CommandWordsMax)
            {
                words.Add(word.Text);
            }
            else
            {
                YamlFields.Wrong(errors, item, $"{where}.{member}", $"at most {CommandWordsMax} texts");
            }
        }
        return words.ToImmutable();
    }

    private static ImmutableSortedDictionary<string, string> Env(
        YamlFields fields, string where, List<Diagnostic> errors)
    {
        var env = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in fields.Entries("env"))
        {
            if (value is YamlScalar { Text.Length: <= 4096 } text && name.All(
                c => char.IsAsciiLetterOrDigit(c) || c == '_'))
            {
                env[name] = text.Text;
            }
            else
            {
                YamlFields.Wrong(errors, value, $"{where}.env.{name}", "a variable and its text");
            }
        }
        return env.ToImmutable();
    }

    private static string Effect(YamlValue value, string where, List<Diagnostic> errors)
    {
        if (value is YamlScalar text && McpServerProfile.EffectNames.Contains(text.Text))
        {
            return text.Text;
        }
        YamlFields.Wrong(errors, value, where, string.Join(", ", McpServerProfile.EffectNames));
        return McpServerProfile.EffectDefault;
    }
}
