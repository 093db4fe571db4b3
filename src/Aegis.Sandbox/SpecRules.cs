using System.Text;
using Aegis.Core.Errors;
using Aegis.Sandbox.Egress;

namespace Aegis.Sandbox;

/// <summary>The limits of a <see cref="SandboxSpec"/>, checked before anything is started.</summary>
internal static class SpecRules
{
    public const int MountsMax = 32;
    public const int EnvMax = 1_000;
    public const int ArgumentBytesMax = 128 * 1024 - 1;
    public const int ArgvBytesMax = 1024 * 1024;
    public const int ProcessesMax = 4_096;

    private static readonly string[] Taken =
        [
            SandboxSpec.DataPath, "/work", "/app", "/usr", "/bin", "/sbin", "/lib", "/lib64", "/proc", "/dev",
            "/etc", "/sys",
        ];

    public static void Check(SandboxSpec spec, SandboxIo io)
    {
        CheckCommand(spec);
        CheckMounts(spec);
        CheckLimits(spec.Limits);
        Require(spec.Network is null || spec.Network.Allow.Length <= ProxyNetwork.EntriesMax, "network",
            $"at most {ProxyNetwork.EntriesMax} entries", $"{spec.Network?.Allow.Length}");
        Require(io.StdinFile is null || io.Stdin.IsEmpty, "stdin", "bytes or a file", "both");
        Require(io.StdinStream is null || (io.StdinFile is null && io.Stdin.IsEmpty), "stdin",
            "a stream, or bytes, or a file", "more than one");
        Require(spec.DataFolder is null || spec.Kind == SandboxKind.Namespace, "data folder",
            "the kind namespace", spec.Kind.ToString());
        Require(spec.Pty || (io.OnTerminal is null && io.ReadTerminal is null), "terminal", "Pty = true",
            "false");
    }

    /// <summary>A path inside: absolute and without dot segments, so that a prefix says where it
    /// is.</summary>
    public static bool IsPlainAbsolute(string path) =>
        path.StartsWith('/') && !path.Contains('\0', StringComparison.Ordinal)
        && !path.Split('/').Any(s => s is "." or "..");

    private static void CheckCommand(SandboxSpec spec)
    {
        Require(!spec.Argv.IsDefaultOrEmpty && spec.Argv[0].Length > 0, "argv", "a program", "none");
        var total = 0;
        foreach (var argument in spec.Argv.Concat(spec.Env.Select(e => $"{e.Key}={e.Value}")))
        {
            var bytes = Encoding.UTF8.GetByteCount(argument);
            Require(bytes <= ArgumentBytesMax, "argument or variable", $"at most {ArgumentBytesMax} bytes",
                $"{bytes}");
            Require(!argument.Contains('\0', StringComparison.Ordinal), "argument or variable", "no NUL",
                "one");
            total += bytes + 1;
        }
        Require(total <= ArgvBytesMax, "argv with env", $"at most {ArgvBytesMax} bytes", $"{total}");
        Require(spec.Env.Count <= EnvMax, "env", $"at most {EnvMax} variables", $"{spec.Env.Count}");
        Require(spec.Env.Keys.All(IsVariableName), "env", "names of letters, digits and _",
            spec.Env.Keys.FirstOrDefault(k => !IsVariableName(k)) ?? "");
        Require(IsPlainAbsolute(spec.WorkingDirectory)
            && IsBelow(spec.WorkingDirectory, "/work", "/app/workplace"), "working directory",
            "a path at or below /work", spec.WorkingDirectory);
    }

    private static bool IsVariableName(string name) => name.Length > 0 && !char.IsAsciiDigit(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private static void CheckMounts(SandboxSpec spec)
    {
        Require(spec.Mounts.Length <= MountsMax, "mounts", $"at most {MountsMax}", $"{spec.Mounts.Length}");
        foreach (var mount in spec.Mounts)
        {
            Require(IsPlainAbsolute(mount.InsidePath) && mount.InsidePath.Length > 1
                && !Taken.Any(t => IsBelow(mount.InsidePath, t)), "mount",
                    "a path outside the system's and /work",
                mount.InsidePath);
            Require(IsPlainAbsolute(mount.HostPath) && Directory.Exists(mount.HostPath), "mount at "
                + mount.InsidePath, "an existing host folder", "none");
        }
    }

    private static void CheckLimits(SandboxLimits limits)
    {
        Require(limits.ProcessesMax is >= 8 and <= ProcessesMax, "limit of processes", $"8 to {ProcessesMax}",
            $"{limits.ProcessesMax}");
        Require(limits.CpuTimeMax >= TimeSpan.FromSeconds(1), "limit of CPU time", "1 s or more",
            $"{limits.CpuTimeMax}");
        Require(limits.TmpBytesMax >= 64 * 1024, "limit of /tmp", "64 KiB or more", $"{limits.TmpBytesMax}");
        Require(limits.MemoryBytesMax is null or >= 16L << 20, "limit of memory", "16 MiB or more",
            $"{limits.MemoryBytesMax}");
        Require(limits.WorkspaceBytesMax is null or >= 64 * 1024, "limit of the workspace", "64 KiB or more",
            $"{limits.WorkspaceBytesMax}");
        Require(limits.WallTimeMax > TimeSpan.Zero && limits.WallTimeMax <= TimeSpan.FromDays(7),
            "limit of wall time", "more than 0, at most 7 days", $"{limits.WallTimeMax}");
    }

    private static bool IsBelow(string path, params string[] roots) =>
        roots.Any(r => path == r || path.StartsWith(r + "/", StringComparison.Ordinal));

    private static void Require(bool holds, string what, string expected, string got)
    {
        if (!holds)
        {
            throw SandboxErrors.BadSpec(what, expected, got);
        }
    }
}
