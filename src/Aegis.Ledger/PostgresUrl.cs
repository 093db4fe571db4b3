using Npgsql;

namespace Aegis.Ledger;

/// <summary>Reads AEGIS_POSTGRES: a URL, libpq's keyword form, or Npgsql's own form with semicolons. What is not
/// known is refused, so that a misspelt sslmode cannot go unnoticed.</summary>
internal static class PostgresUrl
{
    public static NpgsqlConnectionStringBuilder Parse(string text)
    {
        try
        {
            return text.StartsWith("postgres://") || text.StartsWith("postgresql://") ? FromUrl(text)
                : text.Contains(';') ? new NpgsqlConnectionStringBuilder(text)
                : FromKeywords(text);
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

    private static NpgsqlConnectionStringBuilder FromKeywords(string text)
    {
        var builder = new NpgsqlConnectionStringBuilder();
        foreach (var pair in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            Set(builder, parts[0], parts.Length > 1 ? parts[1].Trim('\'') : throw new FormatException(
                $"'{parts[0]}' has no value"));
        }
        return builder;
    }

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
