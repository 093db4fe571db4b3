namespace Aegis.Tools.Tests;

// dotnet and Maven write a report for each of their projects, Maven below each target folder: both are put
// below one root. A report that is no XML makes the whole unreadable, and so fails.

/// <summary>What runs a framework where one program call is not enough. Further arguments are the
/// runner's.</summary>
internal static class RunnerScripts
{
    /// <summary>$1: the report. Where the folder holds no project or solution, each test project below it is
    /// run.</summary>
    public const string Dotnet = """
        report=$1; shift
        shopt -s nullglob
        own=(*.sln *.slnx *.csproj *.fsproj *.vbproj *.proj)
        if [ ${#own[@]} -gt 0 ]; then projects=("")
        else
          mapfile -t projects < <(find . \( -name node_modules -o -name .git -o -name bin -o -name obj \) \
            -prune -o -type f -name '*.*proj' -print0 |
            xargs -0 -r grep -lE 'Microsoft\.NET\.Test\.Sdk|<IsTestProject>true|MSTest\.Sdk' | head -n 50)
        fi
        status=0
        for project in "${projects[@]}"; do
          dotnet test ${project:+"$project"} --nologo --logger trx --results-directory "$report.d" "$@" ||
            status=$?
        done
        files=("$report.d"/*.trx)
        [ ${#files[@]} -eq 0 ] || { echo '<TestRuns>'
          for f in "${files[@]}"; do sed $'1s/^\xEF\xBB\xBF//;1s/^<?xml[^>]*>//' "$f"; done
          echo '</TestRuns>'; } > "$report"
        exit "$status"
        """;

    /// <summary>$1: cargo. Its own lines and the programs' are one text, in order.</summary>
    public const string Cargo = """
        cargo=$1; shift
        exec "$cargo" test --offline --no-fail-fast "$@" 2>&1
        """;

    /// <summary>$1: the report, $2: mvn. Reports of earlier runs go first.</summary>
    public const string Maven = """
        report=$1 mvn=$2; shift 2
        reports() { find . -path '*/target/surefire-reports/TEST-*.xml' -type f "$@"; }
        reports -delete
        "$mvn" --batch-mode --offline --fail-at-end test "$@"
        status=$?
        [ -z "$(reports -print -quit)" ] || { echo '<testsuites>'
          reports -print0 | sort -z | xargs -0 -n 1 sed '1s/^<?xml[^>]*>//'
          echo '</testsuites>'; } > "$report"
        exit "$status"
        """;
}
