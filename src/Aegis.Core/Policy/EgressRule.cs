using System.Collections.Immutable;
using System.Net;
using System.Text.RegularExpressions;

namespace Aegis.Core.Policy;

/// <summary>An entry of egress_allow: <c>host</c>, <c>*.host</c> (every name below, not the host itself) or
/// an IPv4 address, each with <c>:port</c> or for the ports 80 and 443. <c>GET,HEAD host</c> allows these
/// methods alone, <c>host/path</c> this path, <c>host/path/*</c> what begins so: such an entry covers
/// requests whose method and path can be seen, and no tunnel.</summary>
/// <param name="Methods">Empty for any.</param>
/// <param name="Path">Null for any.</param>
public sealed partial record EgressRule(string Text, string Host, bool Subdomains, IPAddress? Address,
    int? Port, ImmutableArray<string> Methods, string? Path)
{
    public const int HostLengthMax = 253;
    public const int PathLengthMax = 512;

    /// <summary>Null where the text is no such entry.</summary>
    public static EgressRule? Parse(string text)
    {
        var match = Form().Match(text);
        var host = match.Groups["host"].Value;
        int? port = match.Groups["port"] is { Success: true } digits
            ? int.Parse(digits.ValueSpan, System.Globalization.CultureInfo.InvariantCulture) : null;
        var path = match.Groups["path"] is { Success: true } seen ? seen.Value : null;
        if (!match.Success || host.Length > HostLengthMax || port is < 1 or > IPEndPoint.MaxPort
            || path?.Length > PathLengthMax || (path is not null && !PlainPath.Is(path)))
        {
            return null;
        }
        ImmutableArray<string> methods = match.Groups["methods"] is { Success: true } named
            ? [.. named.Value.Split(',')] : [];
        var subdomains = match.Groups["below"].Success;
        if (!EndsInNumber().IsMatch(host))
        {
            return new EgressRule(text, host, subdomains, null, port, methods, path);
        }
        // 127.1, 0x7f.1 and 2130706433 are other spellings of an address: only the plain one is taken
        return !subdomains && IPAddress.TryParse(host, out var address) && address.ToString() == host
            ? new EgressRule(text, host, false, address, port, methods, path) : null;
    }

    /// <summary>Whether it may cover something at this host and port.</summary>
    public bool CoversPlace(EgressTarget target) =>
        (Port is null ? target.Port is 80 or 443 : Port == target.Port)
        && (Subdomains ? IsBelow(target.Host, Host) : target.Host == Host);

    public bool Covers(EgressTarget target) => CoversPlace(target)
        && (Methods.IsEmpty || target.Method is null || Methods.Contains(target.Method))
        && (Path is null || (target.Path is { } path && CoversPath(Path, path)));

    /// <summary>Whether a name that this entry covers may stand for this address: public ones always, any
    /// other only where the entry is that very address and port.</summary>
    public bool Permits(IPAddress address, int port) =>
        PublicAddress.Is(address) || (Port == port && address.Equals(Address));

    /// <summary>Whether there is a host that both cover at some port.</summary>
    public bool Meets(EgressRule other) =>
        (Port is null ? other.Port is null or 80 or 443 : other.Port is null ? Port is 80 or 443
            : Port == other.Port)
        && (Host == other.Host ? Subdomains == other.Subdomains
            : (Subdomains && IsBelow(other.Host, Host)) || (other.Subdomains && IsBelow(Host, other.Host)));

    private static bool IsBelow(string host, string parent) =>
        host.Length > parent.Length + 1 && host.EndsWith("." + parent, StringComparison.Ordinal);

    // a path that servers read in more than one way (a/../b, %2e, a//b) is not below anything
    private static bool CoversPath(string rule, string path) => PlainPath.Is(path)
        && (rule.EndsWith('*') ? path.StartsWith(rule[..^1], StringComparison.Ordinal) : path == rule);

    [GeneratedRegex(@"^((?<methods>[A-Z]{1,16}(,[A-Z]{1,16}){0,8}) )?(?<below>\*\.)?"
        + @"(?<host>[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*)"
        + @"(:(?<port>[0-9]{1,5}))?(?<path>/[A-Za-z0-9/._~@%!$&'()+,=:-]*\*?)?\z")]
    private static partial Regex Form();

    [GeneratedRegex(@"(^|\.)([0-9]+|0x[0-9a-f]*)\z")]
    private static partial Regex EndsInNumber();
}
