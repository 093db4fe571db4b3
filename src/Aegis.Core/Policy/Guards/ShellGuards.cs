using System.Collections.Immutable;

namespace Aegis.Core.Policy.Guards;

/// <summary>Builtins of the shell that run commands, change what names mean, or evaluate text.</summary>
internal static class ShellGuards
{
    public static ImmutableArray<GuardRule> Rules { get; } =
    [
        new("shell.runs", ["eval", "exec", "source", ".", "command", "builtin", "coproc", "trap", "fc",
            "bind"],
            new AnyArgument(), "it runs what stands behind it", "call the program itself",
            ["eval ls", "exec ls", ". ./x.sh", "command git status", "trap ls EXIT"], ["git status"]),
        new("shell.renames", ["alias", "enable", "hash", "shopt", "complete", "compgen", "unalias"],
            new AnyArgument(), "it changes what names or words mean", "leave it out",
            ["alias ls=rm", "enable -f x.so x", "hash -p /tmp/x ls"], ["ls"]),
        new("shell.set", ["set"], new WordsOtherThan(GuardPattern.Find(
            @"^([-+][euxvfCE]*o?|pipefail|errexit|nounset|xtrace|verbose|noglob|noclobber|errtrace)\z")),
            "it changes the shell's grammar or arguments", "only -e, -u, -x, -f, -o pipefail and their like",
            ["set -- a", "set -k", "set -o posix", "set a"], ["set -euo pipefail", "set +x"]),
        new("shell.declares",
            ["export", "declare", "typeset", "local", "readonly", "unset", "read", "mapfile", "readarray"],
            new Declares(), "it evaluates a name or a value, or takes a function away",
            "name variables plainly, without -n, -i, -f or subscripts; write unset -v",
            ["declare -n a=b", "declare -i a=b", "unset f", "mapfile -C ls a", "read 'a[x]'", "export -f f",
                "local \"$x\"", "read -a 'x[y]'"],
            ["export A=1", "local -r x=$1", "read -r -p 'who? ' name", "unset -v a", "declare -A map",
                "mapfile -t lines", "read -ra parts"]),
        new("shell.evaluates", ["let", "getopts", "wait"], new AnyArgument(),
            "it sets or evaluates variables", "set them by NAME=value",
            ["let 'a=1'", "getopts ab x", "wait -p a"], ["wait"]),
        new("shell.prints-variable", ["printf"], new PrintsIntoName(), "a variable's name can hold a command",
            "leave -v out; begin with the format", ["printf -v 'a[x]' y", "printf \"$format\" a"],
            ["printf '%s' a", "printf '%s\\n' \"$a\""]),
        new("shell.test-variable", ["test", "["], new TestsName(), "a variable's name can hold a command",
            "leave -v out; quote variables and compare them by = or -n",
            ["test -v a", "[ -v a ]", "[ \"$a\" \"$b\" ]", "[ $a = b ]"],
            ["test -f package.json", "[ \"$a\" = b ]", "[ -n \"$a\" ]", "[ ! -f \"$a\" ]",
                "[ \"$a\" = \"$b\" ]"]),
        new("shell.other", ["zsh", "ksh", "mksh", "csh", "tcsh", "fish", "rbash", "pwsh", "powershell", "nu",
            "xonsh"],
            new Always(), "only sh and bash can be judged by what is inside", "use sh -c or bash -c",
            ["zsh -c ls", "pwsh x.ps1", "fish"], ["sh -c ls"]),
    ];
}

/// <summary>Programs whose work is to run another program.</summary>
internal static class WrapperGuards
{
    public static ImmutableArray<GuardRule> Rules { get; } =
    [
        new("wrapper.runs",
            ["env", "nohup", "nice", "ionice", "chrt", "taskset", "timeout", "stdbuf", "unbuffer", "setsid",
                "setpriv",
                "setarch", "linux32", "linux64", "chroot", "unshare", "nsenter", "bwrap", "firejail", "sudo",
                "su",
                "doas", "runuser", "pkexec", "runcon", "capsh", "script", "strace", "ltrace", "gdb", "lldb",
                "valgrind", "perf", "time", "flock", "watch", "entr", "expect", "parallel", "run-parts",
                "start-stop-daemon", "systemd-run", "dbus-run-session", "xvfb-run", "ssh-agent", "faketime",
                "fakeroot", "busybox", "toybox", "ld.so", "ld-linux-x86-64.so.2", "catchsegv", "choom",
                "prlimit",
                "softlimit", "setlock", "chpst", "s6-setuidgid", "tini", "dumb-init", "gosu", "su-exec",
                "rlwrap"],
            new AnyArgument(), "it runs what stands behind it", "call the program itself",
            ["env ls", "env -i sh", "timeout 5 ls", "nice ls", "sudo ls", "busybox sh", "strace ls",
                "/usr/bin/env ls"],
            ["env", "ls"]),
        new("wrapper.xargs", ["xargs"], new Always(), "it makes commands of its input",
            "pass the files as arguments", ["xargs rm", "xargs"], ["ls"]),
        new("wrapper.later", ["at", "batch", "crontab", "atd", "cron"], new Always(),
            "it runs commands behind the engine's back", "use a schedule", ["at now", "crontab x"], ["date"]),
        new("wrapper.terminal", ["tmux", "screen", "byobu", "dtach", "abduco"], new Always(),
            "it opens a shell", "use a terminal session", ["tmux", "screen -dm ls"], ["ls"]),
        new("wrapper.pager", ["less", "more", "most", "man", "info", "pg"], new Always(),
            "it is a program for people and can open a shell", "use cat, head or tail",
            ["less README.md", "man -P sh ls"], ["cat README.md"]),
        new("wrapper.editor",
            ["vi", "vim", "vim.basic", "vim.tiny", "nvim", "view", "vimdiff", "ex", "ed", "red", "emacs",
                "nano", "pico",
                "joe", "jed", "mcedit", "mc"],
            new Always(), "it is a program for people and can open a shell",
                "use sed --sandbox or file.patch",
            ["vim -c ':!ls'", "ed x", "ex -s x"], ["cat x"]),
        new("wrapper.container", ["docker", "podman", "nerdctl", "ctr", "runc", "crun", "kubectl", "lxc",
            "machinectl",
                "buildah", "skopeo", "qemu-system-x86_64", "virsh"],
            new Always(), "it runs programs outside the sandbox", "use the engine's own sandbox",
            ["docker run x", "podman ps", "kubectl exec x"], ["ls"]),
    ];
}
