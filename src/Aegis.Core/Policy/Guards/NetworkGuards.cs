using System.Collections.Immutable;

namespace Aegis.Core.Policy.Guards;

internal static class NetworkGuards
{
    public static ImmutableArray<GuardRule> Rules { get; } =
    [
        new("ssh.program", ["ssh", "scp", "sftp", "autossh", "ssh-keygen", "ssh-add", "sshfs"],
            new Pattern(GuardPattern.Find("(?i)proxycommand|localcommand|knownhostscommand"
                + "|pkcs11provider|securitykeyprovider"
                + "|proxyusefdpass|xauthlocation|include|match|controlpath|identityagent|sendenv|setenv")),
            "the option names a program or a file of settings", "leave it out",
            ["ssh -o ProxyCommand=ls x", "ssh -oproxycommand=ls x", "scp -o 'ProxyCommand ls' a b:c",
                "ssh -o PermitLocalCommand=yes -o LocalCommand=ls x"],
            ["ssh -o BatchMode=yes x", "scp a b:c"]),
        new("ssh.option", ["ssh", "scp", "sftp", "autossh", "ssh-keygen", "ssh-add", "sshfs"],
            new ShortOption("FSIDJ"),
            "the option names a program, a library or a file of settings", "leave it out",
            ["ssh -F x y", "scp -S x a b:c", "ssh -I x.so y", "ssh-keygen -D x.so"],
            ["ssh -p 22 x", "ssh -i key x"]),
        new("rsync.program", ["rsync"], new LongOption(["rsh", "rsync-path", "remote-option", "config",
            "daemon", "dparam"],
                ["recursive", "relative", "d", "dirs", "delete", "r", "c", "checksum", "compress",
                    "copy-links", "devices",
                    "dry-run", "rs"]),
            "the option names a program", "leave it out",
            ["rsync --rsh=ls a b:c", "rsync --rsync-path=ls a b:c", "rsync --rsh ls a b"],
            ["rsync --recursive --delete a b"]),
        new("rsync.short", ["rsync"], new ShortOption("eM"), "the option names a program", "leave it out",
            ["rsync -e ls a b:c", "rsync -ave ls a b"], ["rsync -av a b"]),
        new("socket.runs", ["nc", "ncat", "netcat", "nc.openbsd", "nc.traditional", "socat", "telnet",
            "cryptcat"],
            new Always(), "it joins a program to a socket", "use http.fetch", ["nc -e sh x 1", "socat a b"],
                ["curl x"]),
        new("curl.config", ["curl"],
            new Pattern(GuardPattern.Find(@"^(-[a-zA-Z#]*K|--config|--engine|--unix-socket"
                + @"|--abstract-unix|--proxy-|--preproxy)")),
            "the option takes options from a file or reaches another socket", "write the options out",
            ["curl -K x", "curl -sK x", "curl --config x", "curl --unix-socket x y"],
            ["curl -fsS https://example.org"]),
        new("wget.program", ["wget", "wget2"],
            new LongOption(["use-askpass", "config", "execute", "preserve", "rejected-log"],
                ["continue", "c", "user", "user-agent", "connect-timeout", "p", "page-requisites", "e",
                    "reject",
                    "recursive", "r", "retry-connrefused", "content-disposition", "cut-dirs", "u"]),
            "the option names a program or a file of settings", "leave it out",
            ["wget --use-askpass=ls x", "wget --config=x y", "wget --execute x"],
            ["wget --continue https://example.org"]),
        new("wget.short", ["wget", "wget2"], new ShortOption("e"), "the option sets any setting",
            "leave it out",
            ["wget -e x y"], ["wget -q https://example.org"]),
        new("aws.runs", ["terraform", "tofu", "pulumi", "ansible", "ansible-playbook", "vagrant", "packer",
            "serverless"],
            new Verb(["console", "apply", "destroy", "up", "ssh", "provision", "deploy", "remove", "import",
                "taint",
                "state"], new Always()),
            "it changes what is deployed", "use the deploy tools", ["terraform apply", "pulumi up"],
                ["terraform plan"],
            Decision.Ask),
    ];
}
