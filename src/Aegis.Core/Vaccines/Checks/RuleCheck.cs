using Aegis.Core.Findings;
using Aegis.Core.Languages;

namespace Aegis.Core.Vaccines.Checks;

/// <summary>A rule of the product's own scan of code: it knows the mistake whatever its names are.</summary>
/// <param name="Rule">As findings name it.</param>
public sealed record RuleCheck(string Rule) : VaccineCheck
{
    public override bool ReadsFiles => true;

    public override bool Covers(string path, string? language) =>
        language is null || CodeLanguage.Holds(language, CodeLanguage.Of(path));

    public override CheckHit? Find(ReadFile file)
    {
        var mine = file.Findings.Where(f => f.Rule == Rule).ToList();
        // a scan tells lines, and lines move: so many more than before are new, and the last ones are shown
        var before = mine.Count == 0 ? 0 : file.FindingsBefore.Count(f => f.Rule == Rule);
        return mine.Count > before ? Hit(file, mine[^1]) : null;
    }

    public override string ToString() => $"rule {Rule}";

    private static CheckHit Hit(ReadFile file, Finding finding) =>
        new(finding.Line, finding.Column ?? 1, file.LineText(finding.Line));
}
