using Aegis.Core.Findings;
using Aegis.Core.Findings.CodeRules;

namespace Aegis.Tools.Quality;

/// <summary>The built-in rules over the texts of a review.</summary>
internal sealed class CodeScanner
{
    public const int FindingsMax = 10_000;

    private readonly List<Finding> findings = [];
    private int files;

    public void Read(string path, string text)
    {
        if (findings.Count < FindingsMax && CodeScan.Reads(path, text))
        {
            files++;
            findings.AddRange(CodeScan.Of(path, text));
        }
    }

    public ScannerReport Report(int unread) => new(new ScannerRun(CodeScan.Tool, true, null, files,
        findings.Count, findings.Count >= FindingsMax ? $"it stopped at {FindingsMax} findings"
            : ReviewTree.UnreadReason(unread)), [.. findings]);
}
