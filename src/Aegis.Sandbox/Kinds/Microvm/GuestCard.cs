using System.Collections.Immutable;
using System.Globalization;
using Aegis.Sandbox.Egress;

namespace Aegis.Sandbox.Kinds.Microvm;

// A guest that has a way out gets one network card. Its far end is QEMU's own stack of protocols, which turns
// what the guest sends into sockets of QEMU's; and QEMU has a network namespace with loopback alone, on which
// nothing listens but the port that was handed out to the egress proxy. So whatever the guest sends, and
// whatever becomes of QEMU, the kernel lets it reach that port and nothing else. Rejected: QEMU's restrict=on
// (its forwarding takes one connection, or starts a program for each, which its filter of system calls
// forbids); a virtio-serial port (needs a forwarder in every guest system); vsock (needs the host's kernel to
// have it, and a device that is root's).

/// <summary>The network card of a guest that has a way out.</summary>
internal static class GuestCard
{
    /// <summary>Modules in the order in which they need each other, after those of
    /// <see cref="GuestInit.Modules"/>.</summary>
    public static readonly string[] Modules = ["failover", "net_failover", "virtio_net"];

    /// <summary>The guest's, with the length of its network: there is no route to any other.</summary>
    public const string Own = "10.0.2.15/24";

    private const string Network = "10.0.2.0/24";

    /// <summary>Stands for the loopback of QEMU's own network.</summary>
    private const string FarEnd = "10.0.2.2";

    /// <summary>Where programs in the guest find the proxy.</summary>
    public static string Proxy { get; } = string.Create(CultureInfo.InvariantCulture,
        $"http://{FarEnd}:{ProxyNetwork.Port}");

    public static ImmutableArray<string> Argv { get; } =
    [
        "-netdev", $"user,id=out,ipv6=off,net={Network},host={FarEnd}",
        "-device", "virtio-net-device,netdev=out",
    ];
}
