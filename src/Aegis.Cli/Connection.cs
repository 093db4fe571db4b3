using System.Text.Json;
using Aegis.Client;

namespace Aegis.Cli;

/// <summary>The server, key and project that a command speaks to.</summary>
internal sealed record Connection(Uri Url, string Key, string? Tenant, string? Project)
{
    private static readonly Uri UrlDefault = new("http://127.0.0.1:4000");

    public AegisClient Open() => new(Url.ToString(), Key, Tenant, Project);

    /// <summary>From AEGIS_URL, AEGIS_KEY and so on; what they leave open comes from the home's key
    /// file.</summary>
    public static Connection Find(Func<string, string?> environment)
    {
        var url = CliVariables.Read(environment, "AEGIS_URL");
        var key = CliVariables.Read(environment, "AEGIS_KEY");
        var file = key is null ? KeyFile.Read(Home(environment)) : null;
        if (key is null && file is null)
        {
            throw new CliException(ExitCode.Denied, "AEGIS7003",
                $"no key: AEGIS_KEY is not set and {KeyFile.PathIn(Home(environment))} cannot be read",
                "set AEGIS_KEY, or run as the user that started the server (./aegis up)");
        }
        return new Connection(Parse(url) ?? file?.Url ?? UrlDefault, key ?? file!.Key,
            CliVariables.Read(environment, "AEGIS_TENANT"),
            CliVariables.Read(environment, "AEGIS_PROJECT") ?? file?.Project);
    }

    private static string Home(Func<string, string?> environment) =>
        CliVariables.Read(environment, "AEGIS_HOME")
        ?? (Environment.UserName is "aegis" or "root"
            ? "/var/lib/aegis"
            : Path.Combine(environment("HOME") ?? "/", ".local", "share", "aegis"));

    private static Uri? Parse(string? text) =>
        text is null ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url
        : throw new CliException(ExitCode.Usage, "AEGIS7001", $"AEGIS_URL is not an http(s) address: {text}",
            "such as http://127.0.0.1:4000");

    /// <summary>$AEGIS_HOME/admin-key.json, mode 0600, written by the server on its first start.</summary>
    private sealed record KeyFile(Uri Url, string Key, string? Project)
    {
        public static string PathIn(string home) => Path.Combine(home, "admin-key.json");

        public static KeyFile? Read(string home)
        {
            try
            {
                using var json = JsonDocument.Parse(File.ReadAllBytes(PathIn(home)));
                var root = json.RootElement;
                return new KeyFile(LiveUrl(home) ?? new Uri(root.GetProperty("url").GetString()!),
                    root.GetProperty("key").GetString()!, root.GetProperty("project").GetString());
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException
                or KeyNotFoundException)
            {
                return null;
            }
        }

        // the port may have changed since the key was written; a running server says where it is
        private static Uri? LiveUrl(string home)
        {
            try
            {
                using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(home, "server.json")));
                return new Uri(json.RootElement.GetProperty("url").GetString()!);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException
                or KeyNotFoundException)
            {
                return null;
            }
        }
    }
}
