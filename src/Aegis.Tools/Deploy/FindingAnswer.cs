using System.Collections.Immutable;
using Aegis.Core.Findings;

namespace Aegis.Tools.Deploy;

/// <summary>Findings as tools of deployment answer them.</summary>
internal static class FindingAnswer
{
    public static string Text(ImmutableArray<Finding> findings, string clean) => findings.IsEmpty ? clean
        : string.Join('\n', findings.Select(f =>
            $"{f.File}:{f.Line}: {Word(f.Severity)} {f.Rule}: {f.Message}; mend: {f.Mend}"));

    public static object[] Json(ImmutableArray<Finding> findings) => [.. findings.Select(f => (object)new
    {
        rule = f.Rule, severity = Word(f.Severity), file = f.File, line = f.Line, message = f.Message,
        mend = f.Mend,
    })];

    public static bool Blocks(ImmutableArray<Finding> findings) =>
        findings.Any(f => f.Severity == FindingSeverity.Error);

    private static string Word(FindingSeverity severity) => severity switch
    {
        FindingSeverity.Error => "error",
        FindingSeverity.Warning => "warning",
        _ => "note",
    };
}
