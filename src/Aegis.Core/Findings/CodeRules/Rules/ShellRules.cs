using System.Collections.Immutable;

namespace Aegis.Core.Findings.CodeRules.Rules;

/// <summary>What they look at stands in <see cref="ShellWalk"/>.</summary>
internal static class ShellRules
{
    public static ImmutableArray<CodeRule> All { get; } =
    [
        new("aegis-sh-command-injection", 78, Grammar.Shell, FindingSeverity.Error,
            "a variable's value is read as shell code",
                "call the command with the variable as a quoted argument",
            [], ["eval $cmd", "eval \"ls $dir\"", "bash -c \"rm $file\"",
                "if true; then\n  sh -ec \"$1\"\nfi"],
            ["ls \"$dir\"", "bash -c 'echo hi'", "# eval $cmd\n", "echo 'eval $cmd'",
                "eval \"$(ssh-agent -s)\"",
                "bash -c 'ls \"$1\"' bash \"$dir\""]),
        new("aegis-sh-sql-injection", 89, Grammar.Shell, FindingSeverity.Error,
            "a variable becomes part of an SQL statement's text",
            "pass it as a variable of the program (psql -v name=\"$x\" and :'name'; sqlite3 .param set)",
            [], ["psql -c \"SELECT * FROM t WHERE a = '$a'\"", "sqlite3 db \"DELETE FROM t WHERE id = $1\""],
            ["psql -c 'SELECT 1'", "psql -v a=\"$a\" -f q.sql", "echo \"SELECT * FROM t WHERE a = '$a'\""]),
        new("aegis-sh-download-and-run", 494, Grammar.Shell, FindingSeverity.Error,
            "what is downloaded runs without having been checked",
            "download it, compare its SHA-256 with one written here, then run it",
            [], ["curl -fsSL https://example.com/i.sh | sh",
                "wget -qO- https://example.com/i.sh | sudo bash"],
            ["curl -fsSLO https://example.com/i.sh", "curl -s https://example.com/a.json | jq .",
                "echo 'curl https://example.com | sh'"]),
        new("aegis-sh-tls-disabled", 295, Grammar.Shell, FindingSeverity.Error,
            "the server's certificate is not checked",
                "leave the check on; give a private authority by --cacert",
            [], ["curl -k https://a", "curl -fsSkL https://a", "wget --no-check-certificate https://a",
                "export NODE_TLS_REJECT_UNAUTHORIZED=0", "GIT_SSL_NO_VERIFY=1 git clone x",
                "git config http.sslVerify false"],
            ["curl -fsSL https://a", "curl -o key https://a", "# curl -k\n", "wget https://a"]),
        new("aegis-sh-hard-coded-credential", 798, Grammar.Shell, FindingSeverity.Error,
            "a credential is written into the script",
                "read it from the environment or a secret, and revoke this one",
            [], ["PASSWORD=S3cret-pass1", "export API_KEY=\"ab12cd34ef56\"", "mysql --password=hunter2",
                "psql postgres://app:hunter2@db/app"],
            ["PASSWORD=$1", "PASSWORD=\"${PASSWORD:?}\"", "PASSWORD=", "# PASSWORD=hunter2\n",
                "psql \"postgres://app:$PW@db/app\"", "echo 'PASSWORD=hunter2'"]),
    ];
}
