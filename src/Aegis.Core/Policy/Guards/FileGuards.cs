using System.Collections.Immutable;

namespace Aegis.Core.Policy.Guards;

/// <summary>Programs for files that can run others.</summary>
internal static class FileGuards
{
    public static ImmutableArray<GuardRule> Rules { get; } =
    [
        new("find.runs", ["find", "gfind"], new Word("-exec", "-execdir", "-ok", "-okdir"),
            "it runs a command for each file", "pass the files as arguments",
            ["find . -exec rm '{}' ';'", "find . -execdir ls '{}' +", "find . -ok ls"], ["find . -name '*.js'"]),
        new("find.writes", ["find", "gfind"],
            new Word("-delete", "-fprint", "-fprint0", "-fprintf", "-fls", "-files0-from"),
            "it deletes or writes files by a test", "let find print, then act",
            ["find . -delete", "find . -fprintf x y"], ["find . -print", "find . -type f -printf '%p'"]),
        new("fd.runs", ["fd", "fdfind"],
            new Pattern(GuardPattern.Find(@"^(-[a-zA-Z]*[xX]|--exec(-batch)?(=|\z))")), "it runs a command for each file",
            "pass the files as arguments", ["fd -x ls", "fdfind --exec-batch ls"], ["fd -e js"]),
        new("rg.runs", ["rg"], new LongOption(["pre", "hostname-bin", "search-zip"], ["pretty", "h", "help", "hidden", "s", "p"]),
            "the option names a program", "leave it out", ["rg --pre cat x", "rg --hostname-bin=x y"], ["rg --pretty x"]),
        new("tar.runs", ["tar", "gtar", "bsdtar"],
            new LongOption(["checkpoint-action", "to-command", "use-compress-program", "info-script", "new-volume-script",
                    "rmt-command", "rsh-command", "files-from"],
                ["checkpoint", "use", "to-stdout", "file", "format", "force-local", "full-time", "ignore-failed-read",
                    "ignore-zeros", "interactive", "incremental", "newer", "no-recursion", "numeric-owner", "recursion",
                    "remove-files", "to", "t", "test-label", "totals", "touch", "f", "c", "create", "n", "i", "r", "u",
                    "update", "uncompress", "unlink-first", "utc", "check-links", "check-device", "checkpoint", "new",
                    "info"]),
            "the option runs a program or takes options from a file", "leave it out",
            ["tar xf a.tar --checkpoint-action=exec=ls", "tar xf a --to-command=ls", "tar --use-compress-program=x -xf a",
                "tar xf a --checkpoint=1 --checkpoint-act=exec=ls", "tar cf a --info-script=x b", "tar cf a -- --to-c=ls"],
            ["tar czf a.tgz src", "tar --create --file a.tar src", "tar xf a.tar --no-recursion", "tar xf a --checkpoint=9"]),
        new("tar.short", ["tar", "gtar", "bsdtar"], new ShortOption("IFT", AlsoBare: true),
            "the option runs a program or takes options from a file", "leave it out",
            ["tar -I x -xf a", "tar xIf x a", "tar -cvT list -f a", "tar cf a -F x"], ["tar -czf a.tgz src", "tar xf a.tar"]),
        new("zip.runs", ["zip"], new Pattern(GuardPattern.Find(@"^(-[a-zA-Z]*T|--unzip|--test)")),
            "the option runs a program", "leave it out", ["zip -T -TT ls a b", "zip a b -TT 'ls'", "zip --unzip-command ls a"],
            ["zip -r a.zip src"]),
        new("cpio.runs", ["cpio"], new LongOption(["rsh-command"]), "the option runs a program", "leave it out",
            ["cpio --rsh-command=x -i"], ["cpio -i"]),
        new("sort.runs", ["sort"], new LongOption(["compress-program"], ["check", "c"]), "the option runs a program",
            "leave it out", ["sort --compress-program=ls x"], ["sort -u x", "sort --check x"]),
        new("split.runs", ["split", "csplit"], new LongOption(["filter"]), "the option runs a program", "leave it out",
            ["split --filter=ls x"], ["split -l 10 x"]),
        new("install.runs", ["install"], new LongOption(["strip-program"], ["strip", "s", "suffix"]),
            "the option runs a program", "leave it out", ["install -s --strip-program=x a b"], ["install -m 644 a b"]),
        new("patch.runs", ["patch"], new LongOption(["ed"]), "ed can run commands", "use a unified diff",
            ["patch --ed x"], ["patch -p1 -i a.diff"]),
        new("patch.short", ["patch"], new ShortOption("e"), "ed can run commands", "use a unified diff", ["patch -e x"],
            ["patch -p1 -i a.diff"]),
        new("chattr.walls", ["mount", "umount", "mknod", "mkfifo", "losetup", "insmod", "modprobe", "sysctl", "iptables",
                "nft", "ip", "chown", "setcap", "reboot", "shutdown", "halt", "poweroff", "kexec"],
            new AnyArgument(), "it works on the machine, not on the project", null,
            ["mount -t proc x y", "sysctl -w a=b", "chown root x"], ["chmod +x run.sh"]),
    ];
}
