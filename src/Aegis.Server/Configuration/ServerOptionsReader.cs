using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Reflection;
using Aegis.Core;
using Aegis.Core.Discovery;
using Aegis.Core.Plans;
using Aegis.Discovery.Store;
using Aegis.Gate;
using Aegis.Server.Addresses;

namespace Aegis.Server.Configuration;

/// <summary>Reads and validates <see cref="ServerOptions"/>; a wrong environment gives every error at
/// once.</summary>
public static class ServerOptionsReader
{
    private static readonly TimeSpan StopTimeoutMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StopTimeoutMax = TimeSpan.FromMinutes(10);

    private static readonly Dictionary<string, LogLevel> Levels = new(StringComparer.OrdinalIgnoreCase)
    {
        ["trace"] = LogLevel.Trace,
        ["debug"] = LogLevel.Debug,
        ["info"] = LogLevel.Information,
        ["warning"] = LogLevel.Warning,
        ["error"] = LogLevel.Error,
    };

    public static IReadOnlyList<VariableAttribute> Variables { get; } =
    [
        .. typeof(ServerOptions).GetProperties()
            .Select(p => p.GetCustomAttribute<VariableAttribute>())
            .OfType<VariableAttribute>(),
    ];

    /// <param name="environment">The process's variables.</param>
    /// <param name="user">Name of the user that the process runs as.</param>
    /// <exception cref="ConfigurationException">Something is wrong; it lists everything.</exception>
    public static ServerOptions Read(IReadOnlyDictionary<string, string> environment, string user)
    {
        var errors = new List<string>();
        var options = new ServerOptions
        {
            Home = Home(environment, user, errors),
            Bind = Parse(environment, nameof(ServerOptions.Bind), IPAddress.Loopback, TryAddress,
                "an IP address", errors),
            Port = Parse(environment, nameof(ServerOptions.Port), 4000, TryPort, "0 to 65535", errors),
            Postgres = Text(environment, nameof(ServerOptions.Postgres)),
            NpmCache = Text(environment, nameof(ServerOptions.NpmCache)),
            Scanners = Text(environment, nameof(ServerOptions.Scanners)),
            StackPrograms = Text(environment, nameof(ServerOptions.StackPrograms)),
            NugetPackages = Text(environment, nameof(ServerOptions.NugetPackages)),
            PostgresBin = Text(environment, nameof(ServerOptions.PostgresBin)),
            Allowlist = Text(environment, nameof(ServerOptions.Allowlist)),
            Models = Text(environment, nameof(ServerOptions.Models)),
            LocalModelHosts = Parse<ImmutableArray<string>>(environment,
                nameof(ServerOptions.LocalModelHosts),
                [], TryHosts, "host:port, host:port", errors),
            MasterKeyFile = Text(environment, nameof(ServerOptions.MasterKeyFile)),
            MasterPassphraseFile = Text(environment, nameof(ServerOptions.MasterPassphraseFile)),
            PreviousMasterKeyFile = Text(environment, nameof(ServerOptions.PreviousMasterKeyFile)),
            PreviousMasterPassphraseFile = Text(
                environment, nameof(ServerOptions.PreviousMasterPassphraseFile)),
            WebhookPrivateHosts = Parse<ImmutableArray<string>>(environment,
                nameof(ServerOptions.WebhookPrivateHosts),
                [], TryHosts, "host:port, host:port", errors),
            AllowedOrigins = Parse<ImmutableArray<string>>(environment, nameof(ServerOptions.AllowedOrigins),
                [], TryOrigins, "https://host[:port], https://host[:port]", errors),
            EgressCaFile = Text(environment, nameof(ServerOptions.EgressCaFile)),
            EgressPrivateHosts = Parse<ImmutableArray<string>>(environment,
                nameof(ServerOptions.EgressPrivateHosts),
                [], TryHosts, "host:port, host:port", errors),
            SandboxWalls = Parse<ImmutableArray<string>>(environment, nameof(ServerOptions.SandboxWalls),
                [], TryWalls, "names of walls: " + string.Join(", ", Sandbox.SandboxOptions.WallNames),
                    errors),
            ForgePrivateHosts = Parse<ImmutableArray<string>>(environment,
                nameof(ServerOptions.ForgePrivateHosts),
                [], TryHosts, "host:port, host:port", errors),
            McpServers = Text(environment, nameof(ServerOptions.McpServers)),
            McpPrivateHosts = Parse<ImmutableArray<string>>(environment,
                nameof(ServerOptions.McpPrivateHosts),
                [], TryHosts, "host:port, host:port", errors),
            ModelHub = Parse(environment, nameof(ServerOptions.ModelHub), ModelHubOptions.Public, TryHub,
                "an https address (http on this machine) without user, query or fragment", errors),
            ModelsKept = Parse(environment, nameof(ServerOptions.ModelsKept), ModelStoreOptions.KeptMax,
                TryKept, $"1 to {ModelStoreOptions.ConfiguredMax}", errors),
            ModelsBytes = Parse(environment, nameof(ServerOptions.ModelsBytes),
                ModelStoreOptions.KeptBytesMax, TryBytes, $"1 to {ModelStoreOptions.ConfiguredBytesMax}",
                errors),
            ModelPorts = Parse<ImmutableArray<(string, int)>>(environment, nameof(ServerOptions.ModelPorts),
                [], TryModelPorts, "name:port, name:port; names: "
                    + string.Join(", ", ModelServerCatalogue.BuiltIn.Servers.Keys), errors),
            GitHubTokenProjects = Parse<ImmutableArray<string>>(environment,
                nameof(ServerOptions.GitHubTokenProjects),
                [], TryProjects, "tenant/project, tenant/project", errors),
            GitHubUrl = Parse(environment, nameof(ServerOptions.GitHubUrl), ForgeRules.GitHub, TryUrl,
                "an http or https address without user, query or fragment", errors),
            ChatPerMinute = Parse(environment, nameof(ServerOptions.ChatPerMinute), 5, TryPerMinute,
                $"1 to {AddressLimits.PerMinuteMax}", errors),
            TrustedProxies = Parse<ImmutableArray<IPNetwork>>(environment,
                nameof(ServerOptions.TrustedProxies), [], TryNetworks, "address, address/bits", errors),
            LogLevel = Parse(environment, nameof(ServerOptions.LogLevel), LogLevel.Information,
                Levels.TryGetValue, "trace, debug, info, warning or error", errors),
            StopTimeout = Parse(environment, nameof(ServerOptions.StopTimeout), TimeSpan.FromSeconds(20),
                TryStopTimeout, "1s to 10m", errors),
        };
        return errors.Count == 0 ? options : throw new ConfigurationException(errors);
    }

    private delegate bool TryParse<T>(string text, out T value);

    private static bool TryAddress(string text, out IPAddress address)
    {
        address = IPAddress.TryParse(text, out var parsed) ? parsed : IPAddress.None;
        return parsed is not null;
    }

    private static bool TryHosts(string text, out ImmutableArray<string> hosts)
    {
        hosts = Entries(text);
        return hosts.All(h => h.LastIndexOf(':') is var colon and > 0
            && TryPort(h[(colon + 1)..], out var port) && port > 0
            && Uri.CheckHostName(h[..colon].Trim('[', ']')) != UriHostNameType.Unknown);
    }

    private static bool TryOrigins(string text, out ImmutableArray<string> origins)
    {
        origins = Entries(text);
        return origins.All(o => Uri.TryCreate(o, UriKind.Absolute, out var uri)
            && uri.Scheme is "http" or "https" && uri.GetLeftPart(UriPartial.Authority) == o);
    }

    private static bool TryHub(string text, out Uri hub) =>
        Uri.TryCreate(text, UriKind.Absolute, out hub!) && ModelHubOptions.IsAddress(hub);

    private static bool TryKept(string text, out int kept) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out kept)
            && kept is > 0 and <= ModelStoreOptions.ConfiguredMax;

    private static bool TryBytes(string text, out long bytes) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out bytes)
            && bytes is > 0 and <= ModelStoreOptions.ConfiguredBytesMax;

    private static bool TryModelPorts(string text, out ImmutableArray<(string Server, int Port)> ports) =>
        ModelPorts.TryParse(text, ModelServerCatalogue.BuiltIn, out ports);

    private static bool TryPerMinute(string text, out int count) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count)
            && count is > 0 and <= AddressLimits.PerMinuteMax;

    private static bool TryNetworks(string text, out ImmutableArray<IPNetwork> networks)
    {
        var read = Entries(text).Select(e => IPNetwork.TryParse(e, out var network) ? network
            : IPAddress.TryParse(e, out var one) ? new IPNetwork(one, one.GetAddressBytes().Length * 8)
            : (IPNetwork?)null).ToList();
        networks = [.. read.OfType<IPNetwork>()];
        return networks.Length == read.Count;
    }

    private static bool TryWalls(string text, out ImmutableArray<string> walls)
    {
        walls = Entries(text);
        return walls.All(Sandbox.SandboxOptions.WallNames.Contains);
    }

    private static bool TryProjects(string text, out ImmutableArray<string> projects)
    {
        projects = Entries(text);
        return projects.All(p => p.Split('/') is [var tenant, var project]
            && IdRule.IsValid(tenant) && IdRule.IsValid(project));
    }

    private static bool TryUrl(string text, out Uri url)
    {
        var there = Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var parsed);
        url = parsed ?? ForgeRules.GitHub;
        return there && url.Scheme is ("http" or "https")
            && url.UserInfo.Length + url.Query.Length + url.Fragment.Length == 0;
    }

    private static ImmutableArray<string> Entries(string text) =>
        [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    private static bool TryPort(string text, out int port) =>
        int.TryParse(text, System.Globalization.NumberStyles.None, null, out port) && port <= 65535;

    private static bool TryStopTimeout(string text, out TimeSpan value) =>
        Duration.TryParse(text, out value) && value >= StopTimeoutMin && value <= StopTimeoutMax;

    private static VariableAttribute Variable(string property) =>
        typeof(ServerOptions).GetProperty(property)!.GetCustomAttribute<VariableAttribute>()!;

    private static string? Text(IReadOnlyDictionary<string, string> environment, string property)
    {
        var variable = Variable(property);
        var text = environment.GetValueOrDefault(variable.Name);
        if (string.IsNullOrEmpty(text) && variable.Alias is not null)
        {
            text = environment.GetValueOrDefault(variable.Alias);
        }
        return string.IsNullOrEmpty(text) ? null : text;
    }

    private static T Parse<T>(IReadOnlyDictionary<string, string> environment, string property, T fallback,
        TryParse<T> tryParse, string expected, List<string> errors)
    {
        var text = Text(environment, property);
        if (text is null)
        {
            return fallback;
        }
        if (tryParse(text, out var value))
        {
            return value;
        }
        errors.Add($"{Variable(property).Name}: expected {expected}; got {text}");
        return fallback;
    }

    private static string Home(
        IReadOnlyDictionary<string, string> environment, string user, List<string> errors)
    {
        var text = Text(environment, nameof(ServerOptions.Home));
        if (text is null)
        {
            return DefaultHome(environment, user);
        }
        if (!Path.IsPathFullyQualified(text))
        {
            errors.Add($"AEGIS_HOME: expected an absolute path; got {text}");
        }
        return text;
    }

    private static string DefaultHome(IReadOnlyDictionary<string, string> environment, string user) =>
        user == "aegis"
            ? "/var/lib/aegis"
            : Path.Combine(environment.GetValueOrDefault("HOME", "/"), ".local", "share", "aegis");
}

/// <summary>A configuration that the server does not start with.</summary>
public sealed class ConfigurationException(IReadOnlyList<string> errors)
    : Exception("AEGIS6001: the configuration is wrong:\n  " + string.Join("\n  ", errors)
        + "\nSee docs/configuration.md")
{
    public IReadOnlyList<string> Errors { get; } = errors;
}
