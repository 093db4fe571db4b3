using System.Net;
using System.Net.Sockets;
using System.Text;
using Aegis.Core.Errors;
using Aegis.Sandbox.Egress;
using Aegis.Sandbox.Kinds.Microvm;
using Aegis.Sandbox.Tests.Egress;
using Aegis.Tests.Shared;

namespace Aegis.Sandbox.Tests.Kinds;

/// <summary>The network card of a guest whose root is hostile: a machine with nothing but an attack in it.
/// </summary>
[Collection("microvm")]
[Trait("Category", "Slow")]
public sealed class GuestCardTests(MicrovmFixture vm)
{
    private const string Attack = """
        #!/bin/busybox sh
        b=/bin/busybox
        $b mount -t proc proc /proc; $b mount -t sysfs sys /sys; $b mount -t devtmpfs dev /dev
        for m in MODULES; do [ ! -e /m/$m.ko ] || $b insmod /m/$m.ko; done
        for p in /dev/vport*; do eval "port_${p##*p}=$p"; done
        exec >$port_2 2>/dev/null
        get() { printf '%s ' "$1"; $b env $3 $b timeout 10 $b wget -q -O - "$2" || echo closed; }
        $b ip link set lo up
        $b ip addr add 10.0.2.15/24 dev eth0; $b ip link set eth0 up; $b ip route add default via 10.0.2.2
        get proxy http://site.example:PORT/ http_proxy=http://10.0.2.2:3128
        get loopback http://10.0.2.2:PORT/
        $b timeout 5 $b tftp -g -r a-secret -l /s 10.0.2.2 DATAGRAMS
        # the guest's own loopback, sent out by the card
        echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet
        $b ip link set lo down; $b ip addr del 127.0.0.1/8 dev lo
        $b ip route del local 127.0.0.0/8 table local
        $b ip route add 127.0.0.0/8 via 10.0.2.2 src 10.0.2.15
        get own http://127.0.0.1:PORT/
        echo end
        $b reboot -f
        """;

    [Fact]
    public async Task Root_OfAGuest_ReachesTheProxyAlone_AndWithoutTheWallTheHost()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok("hello\n"));
        using var datagrams = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        WriteAttack(server.Port, ((IPEndPoint)datagrams.Client.LocalEndPoint!).Port);
        var entry = $"site.example:{server.Port}";
        await using var proxied = await ProxiedSandbox.OpenAsync(vm, entry);
        var spec = SandboxFixture.Spec(Argv("/opt/vm", "/tmp"));
        var (inside, facts) = await proxied.RunAsync(spec with
        {
            Network = new ProxyNetwork([entry], new EgressLimits()),
            Mounts = [new ReadOnlyMount(vm.Folder, "/opt/vm")],
            Limits = spec.Limits with
            {
                WallTimeMax = TimeSpan.FromMinutes(10),
                CpuTimeMax = TimeSpan.FromMinutes(10),
            },
        });
        Assert.Equal("proxy hello\nloopback closed\nown closed\nend", inside.Stdout);
        Assert.Equal((entry, 1), (Assert.Single(facts).Rule, server.Asked.Count));
        Assert.Equal(0, datagrams.Available);
        // the control: the same machine on the host, whose loopback the card's far end then is
        var scratch = Directory.CreateDirectory(Path.Combine(vm.Home, "control")).FullName;
        var outside = await SandboxFixture.OnHostAsync(vm.Launcher, scratch, Argv(vm.Folder, scratch));
        Assert.EndsWith("loopback hello\nown hello\nend", outside.Stdout,
            StringComparison.Ordinal);
        Assert.Equal(3, server.Asked.Count);
        Assert.Contains("a-secret", Encoding.ASCII.GetString((await datagrams.ReceiveAsync()).Buffer),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Folder_OfAnEarlierVersion_IsNamedWithItsMend()
    {
        var home = Directory.CreateTempSubdirectory("aegis-vm-folder-").FullName;
        Directory.CreateDirectory(Path.Combine(home, "modules"));
        var error = Assert.Throws<AegisException>(new MicrovmFolder(home).RequireCard).Error;
        Assert.Equal(("AEGIS3200", "Run: ./aegis sandbox prepare"), (error.Code, error.Mend));
        new MicrovmFolder(vm.Folder).RequireCard();
        Directory.Delete(home, recursive: true);
    }

    private static string[] Argv(string folder, string scratch)
    {
        var plan = new VmPlan($"{folder}/vmlinux", $"{folder}/attack", 128, 1, [], Kvm: false,
            Acceleration.TicksKhz, Card: true);
        return ["sh", "-c", "\"$@\" 7>&1 8>&2", "sh",
            .. QemuCommand.Argv(plan, VmPaths.Inside with { Scratch = scratch })];
    }

    private void WriteAttack(int port, int datagrams)
    {
        using var file = File.Create(Path.Combine(vm.Folder, "attack"));
        var cpio = new CpioWriter(file);
        foreach (var folder in new[] { "bin", "m", "dev", "proc", "sys" })
        {
            cpio.Folder(folder);
        }
        cpio.Program("bin/busybox", File.ReadAllBytes(Path.Combine(vm.Folder, "busybox")));
        foreach (var module in Directory.EnumerateFiles(Path.Combine(vm.Folder, "modules"), "*.ko"))
        {
            cpio.Program("m/" + Path.GetFileName(module), File.ReadAllBytes(module));
        }
        cpio.Program("init", Encoding.UTF8.GetBytes(Attack
            .Replace("MODULES", string.Join(' ', GuestInit.Modules.Concat(GuestCard.Modules)),
                StringComparison.Ordinal)
            .Replace("PORT", $"{port}", StringComparison.Ordinal)
            .Replace("DATAGRAMS", $"{datagrams}", StringComparison.Ordinal)));
        cpio.End();
        File.SetUnixFileMode(file.SafeFileHandle, (UnixFileMode)0x1A4);
    }
}
