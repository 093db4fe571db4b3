using System.Net;
using System.Text.RegularExpressions;

namespace Aegis.Core.Policy;

/// <summary>An entry of egress_allow: <c>host</c>, <c>*.host</c> (every name below, not the host itself) or
/// an IPv4 address, each with <c>:port</c> or for the ports 80 and 443.</summary>
public sealed partial record EgressRule(string Text, string Host, bool Subdomains, IPAddress? Address,
    int? Port)
{
    public const int HostLengthMax = 253;

    /// <summary>Null where the text is no such entry.</summary>
    public static EgressRule? Parse(string text)
    {
        var match = Form().Match(text);
        var host = match.Groups["host"].Value;
        int? port = match.Groups["port"] is { Success: true } digits
            ? int.Parse(digits.ValueSpan, System.Globalization.CultureInfo.InvariantCulture) : null;
        if (!match.Success || host.Length > HostLengthMax || port is < 1 or > IPEndPoint.MaxPort)
        {
            return null;
        }
        var subdomains = match.Groups["below"].Success;
        if (!EndsInNumber().IsMatch(host))
        {
            return new EgressRule(text, host, subdomains, null, port);
        }
        // 127.1, 0x7f.1 and 2130706433 are other spellings of an address: only the plain one is taken
        return !subdomains && IPAddress.TryParse(host, out var address) && address.ToString() == host
            ? new EgressRule(text, host, false, address, port) : null;
    }

    public bool Covers(EgressTarget target) =>
        (Port is null ? target.Port is 80 or 443 : Port == target.Port)
        && (Subdomains
            ? target.Host.Length > Host.Length + 1
                && target.Host.EndsWith("." + Host, StringComparison.Ordinal)
            : target.Host == Host);

    /// <summary>Whether a name that this entry covers may stand for this address: public ones always, any
    /// other only where the entry is that very address and port.</summary>
    public bool Permits(IPAddress address, int port) =>
        PublicAddress.Is(address) || (Port == port && address.Equals(Address));

    [GeneratedRegex(@"^(?<below>\*\.)?(?<host>[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
        + @"(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*)"
        + @"(:(?<port>[0-9]{1,5}))?\z")]
    private static partial Regex Form();

    [GeneratedRegex(@"(^|\.)([0-9]+|0x[0-9a-f]*)\z")]
    private static partial Regex EndsInNumber();
}
