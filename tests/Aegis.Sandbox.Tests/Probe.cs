using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Aegis.Sandbox.Tests;

/// <summary>Perl scripts that make one bare system call and print <c>ok</c> or <c>errno N</c>: perl is on
/// every Debian and Ubuntu, and needs no compiler.</summary>
internal static class Probe
{
    private static readonly Dictionary<string, (int X64, int Arm64)> Numbers = new()
    {
        ["unshare"] = (272, 97),
        ["setns"] = (308, 268),
        ["clone"] = (56, 220),
        ["clone3"] = (435, 435),
        ["io_uring_setup"] = (425, 425),
        ["bpf"] = (321, 280),
        ["perf_event_open"] = (298, 241),
        ["userfaultfd"] = (323, 282),
        ["keyctl"] = (250, 219),
        ["add_key"] = (248, 217),
        ["request_key"] = (249, 218),
        ["ptrace"] = (101, 117),
        ["process_vm_readv"] = (310, 270),
        ["kcmp"] = (312, 272),
        ["pidfd_getfd"] = (438, 438),
        ["socket"] = (41, 198),
        ["socketpair"] = (53, 199),
        ["mount"] = (165, 40),
        ["chroot"] = (161, 51),
        ["name_to_handle_at"] = (303, 264),
        ["sethostname"] = (170, 161),
        ["ioctl"] = (16, 29),
        ["open_tree"] = (428, 428),
        ["fsopen"] = (430, 430),
    };

    /// <param name="call">The call's name and its perl arguments, such as <c>setns -1, 0</c>.</param>
    public static string[] Call(string call)
    {
        var (name, arguments) = (call.Split(' ')[0], call[(call.IndexOf(' ') + 1)..]);
        // perl hands no literal to a system call
        var texts = 0;
        arguments = Regex.Replace(arguments, "\"[^\"]*\"", text => $"(my $t{texts++} = {text.Value})");
        var (x64, arm64) = Numbers[name];
        var number = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? arm64 : x64;
        return ["perl", "-e", $$"""
            my $z = "\0" x 256; my $r = syscall({{number}}, {{arguments}});
            if ($r == 0 && "{{name}}" eq "clone") { require POSIX; POSIX::_exit(0); }
            print $r == -1 ? "errno " . ($! + 0) : "ok";
            """];
    }
}
