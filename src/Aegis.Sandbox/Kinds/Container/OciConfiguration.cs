using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Aegis.Sandbox.Egress;

namespace Aegis.Sandbox.Kinds.Container;

/// <summary>Where a container's parts are, as the runtime sees them.</summary>
/// <param name="Root">The image's file system.</param>
/// <param name="Work">What stands at /work.</param>
/// <param name="Tmp">What stands at /tmp and /dev/shm.</param>
/// <param name="Bundle">Holds the first process's program (busybox), the spec's variables (env), and whom it
/// is to trust (certificates) where it has an authority of its own.</param>
/// <param name="Mounts">For each folder of the spec, in its order.</param>
internal sealed record ContainerPlaces(string Root, string Work, string Tmp, string Bundle,
    ImmutableArray<string> Mounts);

/// <summary>Ids of the room that stand for root and the command's user inside.</summary>
internal sealed record ContainerIds(int Root, int User);

/// <summary>A spec as an OCI runtime's <c>config.json</c>: read-only root, all namespaces (the network's is
/// the one that the runtime is started in), no capability, the same system calls as the kind namespace. Pure:
/// what a runtime here can't do is tested on this.</summary>
internal static class OciConfiguration
{
    private const int Uid = 1000;
    private const string Busybox = "/run/busybox";

    // what is secret to the command must not stand in the first process's environment
    private const string EnvironmentFile = "/run/env";

    private static readonly string[] Masked =
    [
        "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
        "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
            "/sys/devices/virtual/powercap",
    ];

    private static readonly string[] ReadOnly =
        ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    public static JsonObject Json(SandboxSpec spec, SandboxOptions options, ImmutableArray<string> imageEnv,
        ContainerPlaces places, ContainerIds ids) => new()
    {
        ["ociVersion"] = "1.0.2",
        ["process"] = Process(spec, options, imageEnv),
        ["root"] = new JsonObject { ["path"] = places.Root, ["readonly"] = true },
        ["hostname"] = "aegis",
        ["mounts"] = Mounts(spec, places),
        ["linux"] = new JsonObject
        {
            ["namespaces"] = new JsonArray([.. new[] { "pid", "ipc", "uts", "mount", "user" }
                .Select(n => new JsonObject { ["type"] = n })]),
            ["uidMappings"] = Mapping(ids),
            ["gidMappings"] = Mapping(ids),
            ["seccomp"] = OciSeccomp.Of(RuntimeInformation.ProcessArchitecture),
            ["maskedPaths"] = Texts(Masked),
            ["readonlyPaths"] = Texts(ReadOnly),
        },
    };

    private static JsonObject Process(SandboxSpec spec, SandboxOptions options,
        ImmutableArray<string> imageEnv)
    {
        var limits = spec.Limits;
        var cpu = (ulong)Math.Ceiling(limits.CpuTimeMax.TotalSeconds);
        var rlimits = new JsonArray
        {
            Limit("RLIMIT_CORE", 0, 0), Limit("RLIMIT_CPU", cpu, cpu + 5),
            Limit("RLIMIT_NPROC", (ulong)limits.ProcessesMax, (ulong)limits.ProcessesMax),
        };
        if (limits.MemoryBytesMax is { } memory)
        {
            rlimits.Add(Limit("RLIMIT_DATA", (ulong)memory, (ulong)memory));
        }
        if (limits.WorkspaceBytesMax is { } file)
        {
            rlimits.Add(Limit("RLIMIT_FSIZE", (ulong)file, (ulong)file));
        }
        var none = new JsonArray();
        return new JsonObject
        {
            ["terminal"] = spec.Pty,
            ["user"] = new JsonObject { ["uid"] = Uid, ["gid"] = Uid },
            ["args"] = Texts([Busybox, "sh", "-c", $". {EnvironmentFile}\n" + InsideShell.Find
                + "\"$program\" \"$@\"; exit $?", "sh",
                spec.WorkingDirectory, .. spec.Argv]),
            ["env"] = Texts(Variables(spec, options, imageEnv)),
            ["cwd"] = "/",
            ["capabilities"] = new JsonObject(new[] { "bounding", "effective", "inheritable", "permitted",
                "ambient" }.Select(s => KeyValuePair.Create<string, JsonNode?>(s, none.DeepClone()))),
            ["rlimits"] = rlimits,
            ["noNewPrivileges"] = true,
        };
    }

    private static IEnumerable<string> Variables(SandboxSpec spec, SandboxOptions options,
        ImmutableArray<string> imageEnv)
    {
        var variables = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = options.InsidePath,
        };
        foreach (var entry in imageEnv.Select(e => e.Split('=', 2)).Where(e => e.Length == 2))
        {
            variables[entry[0]] = entry[1];
        }
        variables["HOME"] = "/tmp/home";
        variables["TERM"] = spec.Pty ? "xterm-256color" : "dumb";
        foreach (var (name, value) in spec.Network?.Environment() ?? [])
        {
            variables[name] = value;
        }
        return variables.Select(v => $"{v.Key}={v.Value}");
    }

    private static JsonArray Mounts(SandboxSpec spec, ContainerPlaces places)
    {
        var mounts = new JsonArray
        {
            Mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev"),
            Mount("/dev", "tmpfs", "tmpfs", "nosuid", "noexec", "mode=755", "size=64k"),
            Mount("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666",
                "mode=0620"),
            Mount("/tmp", "bind", places.Tmp, "bind", "rw", "nosuid", "nodev"),
            Mount("/dev/shm", "bind", places.Tmp, "bind", "rw", "nosuid", "nodev"),
            Mount("/work", "bind", places.Work, "bind", "rw", "nosuid", "nodev"),
            Mount(Busybox, "bind", places.Bundle + "/busybox", "bind", "ro", "nosuid", "nodev"),
            Mount(EnvironmentFile, "bind", places.Bundle + "/env", "bind", "ro", "nosuid", "nodev", "noexec"),
            Mount("/app/workplace", "bind", places.Work, "bind", "rw", "nosuid", "nodev"),
        };
        if (spec.Network is { HasAuthority: true })
        {
            mounts.Add(Mount(CommandAuthority.InsidePath, "bind", places.Bundle + "/certificates", "bind",
                "ro", "nosuid", "nodev", "noexec"));
        }
        for (var i = 0; i < spec.Mounts.Length; i++)
        {
            mounts.Add(Mount(spec.Mounts[i].InsidePath, "bind", places.Mounts[i], "bind", "ro", "nosuid",
                "nodev"));
        }
        return mounts;
    }

    private static JsonObject Mount(string to, string type, string source, params string[] options) => new()
    {
        ["destination"] = to,
        ["type"] = type,
        ["source"] = source,
        ["options"] = Texts(options),
    };

    private static JsonArray Mapping(ContainerIds ids) =>
    [
        new JsonObject { ["containerID"] = 0, ["hostID"] = ids.Root, ["size"] = 1 },
        new JsonObject { ["containerID"] = Uid, ["hostID"] = ids.User, ["size"] = 1 },
    ];

    private static JsonObject Limit(string type, ulong soft, ulong hard) =>
        new() { ["type"] = type, ["soft"] = soft, ["hard"] = hard };

    private static JsonArray Texts(IEnumerable<string> texts) =>
        [.. texts.Select(t => JsonValue.Create(t))];
}
