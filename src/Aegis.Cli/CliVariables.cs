namespace Aegis.Cli;

/// <summary>Every environment variable that the CLI reads; docs/configuration.md is compared with
/// this.</summary>
internal static class CliVariables
{
    public static readonly IReadOnlyList<(string Name, string Alias, string Meaning)> All =
    [
        ("AEGIS_URL", "CHISPART_URL", "The server's address. Default: what admin-key.json says."),
        ("AEGIS_KEY", "CHISPART_KEY", "The API key. Default: the key in admin-key.json."),
        ("AEGIS_TENANT", "CHISPART_TENANT", "The tenant; the server refuses a key of another one."),
        ("AEGIS_PROJECT", "CHISPART_PROJECT", "The project. Default: what admin-key.json says."),
        ("AEGIS_HOME", "CHISPART_HOME", "Where admin-key.json is. Default as for the server."),
        ("AEGIS_MODEL_PORTS", "", "As for the server, for `aegis discover` on this machine."),
        ("NO_COLOR", "", "Set to anything: no colours and no live screen (no-color.org)."),
    ];

    public static string? Read(Func<string, string?> environment, string name)
    {
        var alias = All.First(v => v.Name == name).Alias;
        var value = environment(name);
        return !string.IsNullOrEmpty(value) ? value
            : alias.Length > 0 && environment(alias) is { Length: > 0 } other ? other
            : null;
    }
}
