using System.Text.RegularExpressions;
using Npgsql;

namespace Aegis.Ledger;

/// <summary>Reads AEGIS_POSTGRES: a URL, libpq's keyword form, or Npgsql's own form with semicolons. What is
/// not known is refused, so that a misspelt sslmode cannot go unnoticed.</summary>
internal static partial class PostgresUrl
{
    public static NpgsqlConnectionStringBuilder Parse(string text)
    {
        try
        {
            return text.StartsWith("postgres://") || text.StartsWith("postgresql://") ? FromUrl(text)
                : Keywords().Match(text) is { Success: true } keywords ? FromKeywords(keywords)
                : text.Contains(';') ? new NpgsqlConnectionStringBuilder(text)
                : throw new FormatException("it has none of the forms");
        }
        catch (Exception e) when (e is ArgumentException or UriFormatException or FormatException)
        {
            throw LedgerErrors.BadUrl(e.Message);
        }
    }

    private static NpgsqlConnectionStringBuilder FromUrl(string text)
    {
        var url = new Uri(text);
        var builder = new NpgsqlConnectionStringBuilder();
        if (url.Host.Length > 0)
        {
            builder.Host = Uri.UnescapeDataString(url.Host);
        }
        if (url.Port > 0)
        {
            builder.Port = url.Port;
        }
        var user = url.UserInfo.Split(':', 2);
        Set(builder, "user", Uri.UnescapeDataString(user[0]));
        Set(builder, "password", user.Length > 1 ? Uri.UnescapeDataString(user[1]) : "");
        Set(builder, "dbname", Uri.UnescapeDataString(url.AbsolutePath.TrimStart('/')));
        foreach (var pair in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            Set(builder, parts[0], parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
        }
        return builder;
    }

    private static NpgsqlConnectionStringBuilder FromKeywords(Match keywords)
    {
        var builder = new NpgsqlConnectionStringBuilder();
        var names = keywords.Groups["name"].Captures;
        var values = keywords.Groups["value"].Captures;
        for (var i = 0; i < names.Count; i++)
        {
            var value = values[i].Value;
            Set(builder, names[i].Value, value.StartsWith('\'')
                ? Escape().Replace(value[1..^1], "$1")
                : value);
        }
        return builder;
    }

    // name=value with blanks between, a value with blanks in single quotes: libpq's rules
    [GeneratedRegex(@"\A\s*(?:(?<name>[a-z_]+)\s*=\s*(?<value>'(?:[^'\\]|\\.)*'|[^\s';]*)(?:\s+|\z))+\z")]
    private static partial Regex Keywords();

    [GeneratedRegex(@"\\(.)")]
    private static partial Regex Escape();

    private static void Set(NpgsqlConnectionStringBuilder builder, string keyword, string value)
    {
        if (value.Length == 0)
        {
            return;
        }
        builder[keyword switch
        {
            "host" or "hostaddr" => "Host",
            "port" => "Port",
            "user" => "Username",
            "password" => "Password",
            "dbname" => "Database",
            "sslmode" => "SSL Mode",
            "sslrootcert" => "Root Certificate",
            "sslcert" => "SSL Certificate",
            "sslkey" => "SSL Key",
            "connect_timeout" => "Timeout",
            "application_name" => "Application Name",
            _ => throw new FormatException($"'{keyword}' is not known"),
        }] = keyword == "sslmode" ? value.Replace("-", "") : value;
    }
}
