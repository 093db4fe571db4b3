using System.Collections.Immutable;
using System.Net;
using System.Text;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;

namespace Aegis.Gate;

/// <summary>The environment in which git on the host reaches the profile's forge and nothing else.
/// <para>The token travels in git's configuration by environment variables, bound to the repository's
/// address: no argument list shows it, no file holds it, and git sends it nowhere else. The name is resolved
/// and judged here, and git is told the address: what a name server says later changes nothing.</para>
/// </summary>
internal static class ForgeGit
{
    public static Uri Remote(ForgeProfile forge) => new(forge.GitUrl, $"{forge.Owner}/{forge.Name}.git");

    public static async ValueTask<ImmutableSortedDictionary<string, string>> EnvironmentAsync(
        ForgeProfile forge, string token, ForgeRules rules, CancellationToken cancel)
    {
        var remote = Remote(forge);
        if (!rules.AllowsScheme(remote))
        {
            throw ForgeErrors.NotAllowed(remote);
        }
        var address = await AddressAsync(remote, rules, cancel);
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"x-access-token:{token}"));
        List<(string Key, string Value)> settings =
        [
            ($"http.{remote}.extraHeader", $"Authorization: Basic {basic}"),
            ("http.followRedirects", "false"),
            ("http.proxy", ""),
            ("http.sslVerify", "true"),
            ("credential.helper", ""),
            ("core.askPass", "/bin/false"),
        ];
        if (!IPAddress.TryParse(remote.IdnHost, out _))
        {
            settings.Add(("http.curloptResolve", $"{remote.IdnHost}:{remote.Port}:{address}"));
        }
        var environment = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        environment["GIT_ALLOW_PROTOCOL"] = remote.Scheme;
        environment["GIT_CONFIG_COUNT"] = $"{settings.Count}";
        foreach (var (index, (key, value)) in settings.Index())
        {
            environment[$"GIT_CONFIG_KEY_{index}"] = key;
            environment[$"GIT_CONFIG_VALUE_{index}"] = value;
        }
        return environment.ToImmutable();
    }

    private static async ValueTask<IPAddress> AddressAsync(Uri remote, ForgeRules rules,
        CancellationToken cancel)
    {
        IPAddress[] addresses;
        try
        {
            addresses = IPAddress.TryParse(remote.IdnHost, out var literal) ? [literal]
                : await Dns.GetHostAddressesAsync(remote.IdnHost, cancel);
        }
        catch (System.Net.Sockets.SocketException)
        {
            throw ForgeErrors.NoAnswer(remote, "its name is not known");
        }
        return Array.Find(addresses, address => rules.Permits(remote, address))
            ?? throw ForgeErrors.NotAllowed(remote);
    }
}
