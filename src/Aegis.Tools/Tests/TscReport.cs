using System.Globalization;
using System.Text.RegularExpressions;

namespace Aegis.Tools.Tests;

/// <summary>Reads <c>tsc --noEmit --pretty false --listFiles</c>: each diagnostic is a failed case, each of
/// the project's own files without one a case that passed.</summary>
public static partial class TscReport
{
    public const int CharsMax = 32 * 1024 * 1024;
    public const int CasesMax = 100_000;

    /// <param name="cwd">The project's folder: files below it, outside node_modules, are its own.</param>
    /// <exception cref="TestReportException">Beyond a limit.</exception>
    public static List<TestCase> Parse(string text, string cwd)
    {
        if (text.Length > CharsMax)
        {
            throw new TestReportException($"the report is longer than {CharsMax} characters");
        }
        var failed = new List<TestCase>();
        var files = new List<string>();
        using var lines = new StringReader(text);
        while (lines.ReadLine() is { } line)
        {
            if (line.StartsWith(' ') && failed.Count > 0 && files.Count == 0)
            {
                failed[^1] = failed[^1] with { Message = $"{failed[^1].Message}\n{line.Trim()}" };
            }
            else if (Diagnostic(line) is { } diagnostic)
            {
                failed.Add(diagnostic);
            }
            else if (line.StartsWith(cwd + "/", StringComparison.Ordinal)
                && !line.Contains("/node_modules/", StringComparison.Ordinal))
            {
                files.Add(line[(cwd.Length + 1)..]);
            }
            if (failed.Count + files.Count > CasesMax)
            {
                throw new TestReportException($"more than {CasesMax} files and diagnostics");
            }
        }
        var wrong = failed.Select(test => test.File).ToHashSet(StringComparer.Ordinal);
        return [.. failed, .. files.Where(file => !wrong.Contains(file))
            .Select(file => new TestCase(file, file, TestStatus.Passed))];
    }

    private static TestCase? Diagnostic(string line)
    {
        var match = At().Match(line);
        if (!match.Success)
        {
            return null;
        }
        var code = match.Groups["code"].Value;
        var text = match.Groups["text"].Value;
        return match.Groups["file"] is { Success: true } file
            ? new TestCase($"{file.Value} > {code}", file.Value, TestStatus.Failed, Message: text,
                Line: int.Parse(match.Groups["line"].ValueSpan, CultureInfo.InvariantCulture))
            : new TestCase($"(the project itself) > {code}", null, TestStatus.Failed, Message: text);
    }

    [GeneratedRegex(@"^(?:(?<file>[^(]+)\((?<line>\d{1,9}),\d+\): )?error (?<code>TS\d+): (?<text>.*)$")]
    private static partial Regex At();
}
