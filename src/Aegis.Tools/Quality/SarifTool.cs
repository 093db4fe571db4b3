using System.Collections.Immutable;
using Aegis.Core.Findings;

namespace Aegis.Tools.Quality;

// An administrator's own scanners, with their rules and databases, stand in /opt/aegis/scanners inside a
// sandbox (AEGIS_SCANNERS).

/// <summary>A scanner of its own that writes SARIF, offline.</summary>
/// <param name="Kind">The kind of file that it reads; null for the whole folder.</param>
/// <param name="Version">Arguments that make it print its version.</param>
/// <param name="Scan">A script: $1 the program, further ones the files; SARIF on stdout. Exit code 45 with a
/// reason on stderr says that something it needs is not there.</param>
/// <param name="Unstated">What a finding without a level is.</param>
internal sealed record SarifTool(string Name, string? Kind, string Version, string Scan,
    FindingSeverity Unstated = FindingSeverity.Warning)
{
    public static ImmutableArray<SarifTool> All { get; } =
    [
        new("hadolint", "docker", "--version", """exec "$1" --no-fail --format sarif -- "${@:2}" """),
        // rules come from the network unless they are files
        new("semgrep", null, "--version", """
            rules=()
            for r in /opt/aegis/scanners/semgrep-rules /usr/share/semgrep-rules .semgrep.yml .semgrep; do
              [ -e "$r" ] && rules+=(--config "$r")
            done
            [ ${#rules[@]} -gt 0 ] || {
              echo "there are no rules: /opt/aegis/scanners/semgrep-rules, .semgrep.yml or .semgrep" >&2
              exit 45
            }
            exec "$1" scan --sarif --quiet --metrics=off --disable-version-check "${rules[@]}" .
            """),
        // without its database it would find nothing and be content
        new("trivy", null, "--version", """
            for d in /usr/share/trivy /opt/aegis/scanners/trivy-cache; do
              [ -f "$d/db/trivy.db" ] && cache=$d
            done
            [ -n "$cache" ] || {
              echo "there is no vulnerability database: /opt/aegis/scanners/trivy-cache" >&2
              exit 45
            }
            exec "$1" fs --quiet --format sarif --scanners vuln,misconfig,secret --offline-scan \
              --skip-db-update --skip-java-db-update --cache-dir "$cache" .
            """),
        new("gitleaks", null, "version", """
            "$1" detect --no-git --source . --redact --no-banner --no-color --exit-code 0 \
              --report-format sarif --report-path /tmp/gitleaks.sarif >&2 || exit
            cat /tmp/gitleaks.sarif
            """, FindingSeverity.Error),
    ];
}
