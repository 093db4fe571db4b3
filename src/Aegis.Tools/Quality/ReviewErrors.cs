using Aegis.Core.Errors;
using Aegis.Core.Findings;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Quality;

internal static class ReviewErrors
{
    private const int NamedMax = 5;

    public static AegisError Blocked(string ruleSet, ReviewVerdict verdict)
    {
        var count = verdict.Blocking.Length;
        var places = string.Join("; ", verdict.Blocking.Take(NamedMax).Select(Shown));
        var blocks = count == 1 ? "1 finding blocks" : $"{count} findings block";
        return new("AEGIS2380", $"{blocks} under the rule set {ruleSet}: {places}"
            + (count > NamedMax ? "; …" : "")
            + (verdict.Missing.IsEmpty ? "" : $"; not run: {Names(verdict)}"),
            Mend: "mend them, or let a human change the rule set");
    }

    public static AegisError Missing(string ruleSet, ReviewVerdict verdict) => new("AEGIS2381",
        $"the rule set {ruleSet} asks for scanners that did not run: {Names(verdict)}",
        Mend: "install what is missing and mend what stopped it; nothing that did not run counts as passed");

    public static AegisError NoFolder(string cwd) => new("AEGIS2382", $"there is no directory {cwd}",
        "a directory in the workspace", Mend: "check cwd; a run's repository stands at /work/app");

    public static AegisError NotListed(string? why) =>
        new("AEGIS2383", "the files cannot be listed", Got: why,
        Mend: OutputText.ReadTheLog);

    public static AegisError NoFiles() => new("AEGIS2384", "there is no file to review", "at least one file",
        Mend: "check cwd and paths; files that git ignores are not reviewed");

    public static AegisError TooManyFiles(int max) =>
        new("AEGIS2385", "there are too many files to review at once",
        $"at most {max}", Mend: "review parts of it with paths");

    private static string Shown(Finding finding)
    {
        var text = $"{finding.File}:{finding.Line} {finding.Rule} {finding.Message}";
        return text.Length > 160 ? text[..160] + "…" : text;
    }

    private static string Names(ReviewVerdict verdict) => string.Join(", ",
        verdict.Missing.Select(scanner => $"{scanner.Name} ({scanner.Reason})"));
}
