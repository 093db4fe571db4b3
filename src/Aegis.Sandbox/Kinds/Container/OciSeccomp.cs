using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Aegis.Sandbox.Kinds.Container;

/// <summary>The wall of system calls as a container runtime reads it: the same rules as
/// <see cref="SyscallFilter"/>, from the same tables.</summary>
internal static class OciSeccomp
{
    private const string MaskedEqual = "SCMP_CMP_MASKED_EQ";

    public static JsonObject Of(Architecture architecture)
    {
        var calls = new JsonArray
        {
            Rule(SyscallFilter.Refused, SyscallFilter.EPERM),
            Rule(SyscallFilter.NotThere, SyscallFilter.ENOSYS),
        };
        foreach (var flag in SyscallFilter.NamespaceFlags)
        {
            calls.Add(Rule(["clone"], SyscallFilter.EPERM, Argument(0, MaskedEqual, flag, flag)));
        }
        string[] sockets = ["socket", "socketpair"];
        calls.Add(Rule(sockets, SyscallFilter.EAFNOSUPPORT,
            Argument(0, "SCMP_CMP_GT", SyscallFilter.AddressFamilyMax)));
        foreach (var family in Enumerable.Range(0, SyscallFilter.AddressFamilyMax)
            .Except(SyscallFilter.FamiliesAllowed))
        {
            calls.Add(Rule(sockets, SyscallFilter.EAFNOSUPPORT,
                Argument(0, "SCMP_CMP_EQ", (ulong)family)));
        }
        calls.Add(Rule(sockets, SyscallFilter.EPROTONOSUPPORT,
            Argument(0, "SCMP_CMP_EQ", SyscallFilter.Netlink), Argument(2, "SCMP_CMP_GT", 0)));
        foreach (var request in new[] { SyscallFilter.TIOCSTI, SyscallFilter.TIOCLINUX })
        {
            calls.Add(Rule(["ioctl"], SyscallFilter.EPERM,
                Argument(1, MaskedEqual, 0xffffffff, request)));
        }
        return new JsonObject
        {
            ["defaultAction"] = "SCMP_ACT_ALLOW",
            ["architectures"] = new JsonArray(architecture == Architecture.Arm64
                ? "SCMP_ARCH_AARCH64" : "SCMP_ARCH_X86_64"),
            ["syscalls"] = calls,
        };
    }

    private static JsonObject Rule(string[] names, int errno, params JsonObject[] arguments)
    {
        var rule = new JsonObject
        {
            ["names"] = new JsonArray([.. names.Select(n => JsonValue.Create(n))]),
            ["action"] = "SCMP_ACT_ERRNO",
            ["errnoRet"] = errno,
        };
        if (arguments.Length > 0)
        {
            rule["args"] = new JsonArray([.. arguments]);
        }
        return rule;
    }

    private static JsonObject Argument(int index, string compare, ulong value, ulong second = 0) => new()
    {
        ["index"] = index,
        ["value"] = value,
        ["valueTwo"] = second,
        ["op"] = compare,
    };
}
