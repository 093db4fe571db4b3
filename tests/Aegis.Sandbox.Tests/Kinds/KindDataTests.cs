using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using Aegis.Core.Errors;
using Aegis.Sandbox.Egress;
using Aegis.Sandbox.Kinds.Container;
using Aegis.Sandbox.Kinds.Microvm;
using Aegis.Sandbox.Tests.Egress;

namespace Aegis.Sandbox.Tests.Kinds;

/// <summary>What is written for programs that are not on every machine, as data.</summary>
public sealed class KindDataTests
{
    private static readonly SandboxSpec Spec = SandboxFixture.Spec("prog", "an 'argument'") with
    {
        Env = SandboxFixture.Spec("x").Env.Add("SECRET", "hidden"),
        Limits = SandboxFixture.Limits with { MemoryBytesMax = 128 << 20, CpusMax = 1.5 },
        Mounts = [new ReadOnlyMount("/srv", "/opt/cache")],
    };

    private static VmPlan Plan => VmPlan.For(Spec, new MicrovmOptions(), VmPaths.Inside, kvm: true,
        2_000_000);

    [Fact]
    public void Firecracker_GetsTheSameMachineAsQemu()
    {
        var json = JsonNode.Parse(FirecrackerConfiguration.Json(Plan))!;
        Assert.Equal(("/run/vm/vmlinux", 2, 224, 3, 0), (
            json["boot-source"]!["kernel_image_path"]!.GetValue<string>(),
            json["machine-config"]!["vcpu_count"]!.GetValue<int>(),
            json["machine-config"]!["mem_size_mib"]!.GetValue<int>(), json["drives"]!.AsArray().Count,
            json["network-interfaces"]!.AsArray().Count));
        Assert.All(json["drives"]!.AsArray(), d => Assert.Equal(d!["drive_id"]!.GetValue<string>() != "disk",
            d["is_read_only"]!.GetValue<bool>()));
        Assert.Null(json["vsock"]);
        var argv = QemuCommand.Argv(Plan, VmPaths.Inside);
        Assert.Equal(["2", "224", "kvm"], new[] { "-smp", "-m", "-accel" }.Select(o => argv[argv.IndexOf(o)
            + 1]));
        Assert.DoesNotContain(argv, a => a.Contains("vsock", StringComparison.Ordinal)
            || a.Contains("netdev", StringComparison.Ordinal) || a.Contains("hidden",
                StringComparison.Ordinal));
        Assert.Contains("-nodefaults", argv);
    }

    private static SandboxSpec SpecWithAWayOut { get; } = Spec with
    {
        Network = new ProxyNetwork(["a.example"], new EgressLimits(),
            new FixedSecrets("a.example", new BoundSecret("placeholder-of-a-secret", "value")))
        {
            OpensTls = true,
        },
    };

    [Fact]
    public void WayOut_OfAGuest_IsOneCardAndWhatTellsOfIt()
    {
        var plan = VmPlan.For(SpecWithAWayOut, new MicrovmOptions(), VmPaths.Inside, kvm: false, 1);
        var argv = QemuCommand.Argv(plan, VmPaths.Inside);
        Assert.Equal("user,id=out,ipv6=off,net=10.0.2.0/24,host=10.0.2.2", argv[argv.IndexOf("-netdev") + 1]);
        Assert.DoesNotContain(argv, a => a.Contains("hostfwd", StringComparison.Ordinal)
            || a.Contains("vsock", StringComparison.Ordinal));
        Assert.Contains(plan.Disks, d => d is { Serial: "trust", Path: "/run/egress-ca.pem",
            ReadOnly: true });
        var request = Encoding.UTF8.GetString(GuestRequest.Write(SpecWithAWayOut, new SandboxOptions()));
        Assert.Contains("card=10.0.2.15/24\n", request, StringComparison.Ordinal);
        Assert.Contains("export https_proxy='http://10.0.2.2:3128'\n", request, StringComparison.Ordinal);
        Assert.Contains("export SSL_CERT_FILE='/run/egress-ca.pem'\n", request, StringComparison.Ordinal);
        Assert.Contains("card=\n", Encoding.UTF8.GetString(GuestRequest.Write(Spec, new SandboxOptions())),
            StringComparison.Ordinal);
    }

    [Fact]
    public void WayOut_OfAContainer_IsVariablesAndAFile()
    {
        var json = OciConfiguration.Json(SpecWithAWayOut, new SandboxOptions(), ["https_proxy=of-the-image"],
            new ContainerPlaces("/r", "/w", "/t", "/b", ["/m/0"]), new ContainerIds(65536, 7));
        var env = json["process"]!["env"]!.AsArray().Select(e => e!.GetValue<string>()).ToList();
        Assert.Contains("https_proxy=http://127.0.0.1:3128", env);
        Assert.DoesNotContain("https_proxy=of-the-image", env);
        Assert.Contains("CURL_CA_BUNDLE=/run/egress-ca.pem", env);
        Assert.Contains(json["mounts"]!.AsArray(), m =>
            m!["destination"]!.GetValue<string>() == "/run/egress-ca.pem"
            && m["options"]!.AsArray().Any(o => o!.GetValue<string>() == "ro"));
    }

    [Theory]
    [InlineData(0.1, 1)]
    [InlineData(8, 8)]
    [InlineData(9, 8)]
    public void Processors_OfAMachine_AreWithinTheirLimit(double asked, int expected) =>
        Assert.Equal(expected,
        VmPlan.For(Spec with { Limits = Spec.Limits with { CpusMax = asked } }, new MicrovmOptions(),
            VmPaths.Inside, kvm: false, 1).Cpus);

    [Fact]
    public void Request_OfAGuest_IsWholeSectorsOfAScript()
    {
        var request = GuestRequest.Write(Spec, new SandboxOptions());
        Assert.Equal(0, request.Length % 512);
        var text = Encoding.UTF8.GetString(request);
        Assert.Contains("set -- '/work' 'prog' 'an '\\''argument'\\'''\n", text, StringComparison.Ordinal);
        Assert.Contains("export SECRET='hidden'\n", text, StringComparison.Ordinal);
        Assert.Contains("\"$@\" 0 '/opt/cache'\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Architecture.X64, "SCMP_ARCH_X86_64")]
    [InlineData(Architecture.Arm64, "SCMP_ARCH_AARCH64")]
    public void Seccomp_OfAContainer_IsThatOfTheKindNamespace(Architecture architecture, string name)
    {
        var json = OciSeccomp.Of(architecture);
        Assert.Equal((name, "SCMP_ACT_ALLOW"), (json["architectures"]![0]!.GetValue<string>(),
            json["defaultAction"]!.GetValue<string>()));
        var rules = json["syscalls"]!.AsArray();
        Assert.Equal(SyscallFilter.Refused, rules[0]!["names"]!.AsArray().Select(n => n!.GetValue<string>()));
        Assert.Equal(2 + SyscallFilter.NamespaceFlags.Length + 1
            + (SyscallFilter.AddressFamilyMax - SyscallFilter.FamiliesAllowed.Length + 1) + 1 + 2,
                rules.Count);
    }

    [Fact]
    public void Configuration_OfAContainer_HasNoPrivilegeAndNoSecret()
    {
        var json = OciConfiguration.Json(Spec, new SandboxOptions(), ["PATH=/bin"],
            new ContainerPlaces("/r", "/w", "/t", "/b", ["/m/0"]), new ContainerIds(65536, 7));
        Assert.DoesNotContain("hidden", json.ToJsonString(), StringComparison.Ordinal);
        Assert.True(json["root"]!["readonly"]!.GetValue<bool>());
        Assert.True(json["process"]!["noNewPrivileges"]!.GetValue<bool>());
        Assert.All(json["process"]!["capabilities"]!.AsObject(), set => Assert.Empty(set.Value!.AsArray()));
        Assert.Equal(["pid", "ipc", "uts", "mount", "user"],
            json["linux"]!["namespaces"]!.AsArray().Select(n => n!["type"]!.GetValue<string>()));
        Assert.Equal([65536, 7], json["linux"]!["uidMappings"]!.AsArray().Select(m =>
            m!["hostID"]!.GetValue<int>()));
        Assert.Contains(json["mounts"]!.AsArray(), m => m!["destination"]!.GetValue<string>() == "/opt/cache"
            && m["options"]!.AsArray().Any(o => o!.GetValue<string>() == "ro"));
        Assert.Contains("/proc/kcore", json["linux"]!["maskedPaths"]!.AsArray().Select(p =>
            p!.GetValue<string>()));
    }

    [Theory]
    [InlineData("deny mount,")]
    [InlineData("deny capability,")]
    [InlineData("deny userns,")]
    [InlineData("deny network vsock,")]
    [InlineData("deny /proc/sys/** w,")]
    [InlineData("signal peer=aegis-command,")]
    public void AppArmor_OfCommands_SaysIt(string rule)
    {
        Assert.Contains(rule, AppArmorProfile.Text, StringComparison.Ordinal);
        Assert.Equal(AppArmorProfile.Text.Count(c => c == '{'), AppArmorProfile.Text.Count(c => c == '}'));
    }

    [Fact]
    public void AppArmor_WhereItIs_IsEnteredByTheCommandAlone()
    {
        Assert.DoesNotContain(AppArmorProfile.Name, SandboxCommand.Limits(Spec.Limits,
            new SandboxOptions { AppArmor = true }), StringComparison.Ordinal);
        Assert.Contains(WallTable.For([], Spec, new SandboxOptions { AppArmor = true }, null),
            w => w is { Wall: "apparmor", Present: true });
        Assert.DoesNotContain(WallTable.For([], Spec, new SandboxOptions { AppArmor = false }, null),
            w => w.Wall == "apparmor");
    }

    [Fact]
    public void Archive_OfTheFirstFileSystem_IsPaddedToFours()
    {
        using var made = new MemoryStream();
        var cpio = new CpioWriter(made);
        cpio.Folder("dev");
        cpio.Program("init", "#!x"u8);
        cpio.End();
        var text = Encoding.ASCII.GetString(made.ToArray());
        Assert.Equal((0, 3, true), (text.Length % 4, text.Split("070701").Length - 1,
            text.Contains("TRAILER!!!", StringComparison.Ordinal)));
    }

    [Fact]
    public void Lz4_OfAKernel_IsExpanded_AndBrokenOnesAreRefused()
    {
        // four literals, then a match of eight that reaches into itself, then a last literal
        byte[] block = [0x44, (byte)'a', (byte)'b', (byte)'c', (byte)'d', 4, 0, 0x10, (byte)'!'];
        var frame = Frame(block);
        Assert.Equal("abcdabcdabcd!", Encoding.ASCII.GetString(LegacyLz4.Expand(frame, 13)));
        Assert.Throws<InvalidDataException>(() => LegacyLz4.Expand(frame, 12));
        Assert.Throws<InvalidDataException>(() => LegacyLz4.Expand(frame.AsSpan()[..^6], 100));
        block[5] = 5;
        Assert.Throws<InvalidDataException>(() => LegacyLz4.Expand(Frame(block), 100));
        Assert.Equal("AEGIS3205", Assert.Throws<AegisException>(() =>
            KernelImage.Unpack(new byte[2048])).Error.Code);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("lz4")]
    public void Kernel_AtItsSizeAndPast(string packing)
    {
        byte[] kernel = [0x7F, (byte)'E', (byte)'L', (byte)'F', .. new byte[8], (byte)'!'];
        byte[] block = [0xD0, .. kernel];
        var packed = BootImage(packing == "gzip" ? Gzip(kernel) : Frame(block));
        Assert.Equal(kernel, KernelImage.Unpack(packed, kernel.Length));
        Assert.Equal(kernel, KernelImage.Unpack(packed));
        var refused = Assert.Throws<AegisException>(() => KernelImage.Unpack(packed, kernel.Length - 1));
        Assert.Equal(("AEGIS3205", $"more than {kernel.Length - 1} bytes"), (refused.Error.Code,
            refused.Error.Got));
    }

    /// <summary>The head of a packed x86 kernel with one sector of set-up.</summary>
    private static byte[] BootImage(byte[] payload)
    {
        var image = new byte[1024 + payload.Length];
        image[0x1F1] = 1;
        "HdrS"u8.CopyTo(image.AsSpan(0x202));
        BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(0x24C), payload.Length);
        payload.CopyTo(image, 1024);
        return image;
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }
        return packed.ToArray();
    }

    private static byte[] Frame(byte[] block)
    {
        var frame = new byte[4 + 4 + block.Length + 4];
        byte[] magic = [0x02, 0x21, 0x4C, 0x18];
        magic.CopyTo(frame, 0);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(4), block.Length);
        block.CopyTo(frame, 8);
        return frame;
    }
}
