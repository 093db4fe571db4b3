using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Aegis.Tools.Tests;

// cargo's JSON is not stable; its text is. It is taken only where each program's own count agrees with the
// lines that were read: a test that prints between its name and its result is then an unreadable report and
// never a test less.

/// <summary>Reads the text of <c>cargo test</c>, stderr among it: unit, integration and documentation
/// tests.</summary>
public static partial class CargoReport
{
    public const int CharsMax = 32 * 1024 * 1024;
    public const int CasesMax = 100_000;
    private const int MessageLinesMax = 20;

    /// <exception cref="TestReportException">Counts that do not agree, a program that broke off, or beyond a
    /// limit.</exception>
    public static List<TestCase> Parse(string text)
    {
        if (text.Length > CharsMax)
        {
            throw new TestReportException($"the report is longer than {CharsMax} characters");
        }
        var reader = new Programs();
        using var lines = new StringReader(text);
        while (lines.ReadLine() is { } line)
        {
            reader.Read(line);
        }
        return reader.Finish();
    }

    [GeneratedRegex(@"^     Running (?:unittests )?(?<file>\S+) \(")]
    private static partial Regex Program();

    [GeneratedRegex(@"^   Doc-tests ")]
    private static partial Regex DocTests();

    [GeneratedRegex(@"^running (?<count>\d{1,9}) tests?$")]
    private static partial Regex Begin();

    [GeneratedRegex(@"^test (?<name>.+?)(?: - should panic)? \.\.\. (?<result>ok|FAILED|ignored)"
        + @"(?:, (?<why>.*?))?(?: <(?<time>[\d.]+)s>)?$")]
    private static partial Regex Result();

    [GeneratedRegex(@"^---- (?<name>.+) stdout ----$")]
    private static partial Regex Said();

    [GeneratedRegex(@"^test result: \w+\. (?<passed>\d+) passed; (?<failed>\d+) failed; "
        + @"(?<ignored>\d+) ignored;")]
    private static partial Regex End();

    // panicked at src/lib.rs:23:9: (from 1.73), panicked at 'text', src/lib.rs:23:9 (before)
    [GeneratedRegex(@"panicked at (?:'(?<text>.*?)', )?(?<file>[^\s':]+):(?<line>\d{1,9}):\d+",
        RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex Panic();

    [GeneratedRegex(@"^(?<file>\S+\.rs) - .*\(line (?<line>\d{1,9})\)$")]
    private static partial Regex DocTestName();

    private sealed class Programs
    {
        private readonly List<TestCase> _cases = [];
        private readonly Dictionary<string, StringBuilder> _said = new(StringComparer.Ordinal);
        private string? _file;
        private int _first;
        private int? _planned;
        private StringBuilder? _saying;

        public void Read(string line)
        {
            if (Program().Match(line) is { Success: true } program)
            {
                (_file, _saying) = (program.Groups["file"].Value, null);
            }
            else if (DocTests().IsMatch(line))
            {
                (_file, _saying) = (null, null);
            }
            else if (Begin().Match(line) is { Success: true } begin)
            {
                Expect(_planned is null, "a test program broke off before its result");
                (_planned, _first) = (Number(begin, "count"), _cases.Count);
                _said.Clear();
            }
            else if (_planned is not null)
            {
                ReadInside(line);
            }
        }

        public List<TestCase> Finish()
        {
            Expect(_planned is null, "a test program broke off before its result");
            return _cases;
        }

        private void ReadInside(string line)
        {
            if (End().Match(line) is { Success: true } end)
            {
                EndProgram(end);
            }
            else if (Said().Match(line) is { Success: true } said)
            {
                _said[said.Groups["name"].Value] = _saying = new StringBuilder();
            }
            else if (line == "failures:")
            {
                _saying = null;
            }
            else if (_saying is not null)
            {
                _saying.Append(line).Append('\n');
            }
            else if (Result().Match(line) is { Success: true } result)
            {
                Expect(_cases.Count < CasesMax, $"more than {CasesMax} tests");
                _cases.Add(Case(result));
            }
        }

        private TestCase Case(Match result)
        {
            var name = result.Groups["name"].Value;
            var place = DocTestName().Match(name);
            double? time = result.Groups["time"] is { Success: true } seconds
                ? double.Parse(seconds.ValueSpan, CultureInfo.InvariantCulture) * 1000 : null;
            return new TestCase(name, place.Success ? place.Groups["file"].Value : _file,
                result.Groups["result"].Value switch
                {
                    "ok" => TestStatus.Passed,
                    "ignored" => TestStatus.Skipped,
                    _ => TestStatus.Failed,
                }, time, result.Groups["why"] is { Success: true } why ? why.Value : null,
                place.Success ? Number(place, "line") : null);
        }

        private void EndProgram(Match end)
        {
            var own = _cases.Skip(_first).ToList();
            int Of(TestStatus status) => own.Count(test => test.Status == status);
            var counts = (own.Count, Of(TestStatus.Passed), Of(TestStatus.Failed), Of(TestStatus.Skipped));
            var told = (_planned!.Value, Number(end, "passed"), Number(end, "failed"),
                Number(end, "ignored"));
            Expect(counts == told, $"{own.Count} results were read, and the program counts others");
            for (var i = _first; i < _cases.Count; i++)
            {
                if (_cases[i].Status == TestStatus.Failed)
                {
                    _cases[i] = Explained(_cases[i]);
                }
            }
            (_planned, _saying) = (null, null);
        }

        private TestCase Explained(TestCase test)
        {
            // doc tests that should panic and such keep their suffix here
            var said = _said.GetValueOrDefault(test.Name)?.ToString()
                ?? _said.GetValueOrDefault($"{test.Name} - should panic")?.ToString() ?? "";
            var panic = Panic().Match(said);
            var lines = said.Split('\n').TakeWhile(line => line != "stack backtrace:")
                .Where(line => line.Length > 0 && !line.StartsWith("note: ", StringComparison.Ordinal))
                .Take(MessageLinesMax);
            return test with
            {
                Message = string.Join('\n', lines),
                File = panic.Success ? panic.Groups["file"].Value : test.File,
                Line = panic.Success ? Number(panic, "line") : test.Line,
            };
        }

        private static int Number(Match match, string group) =>
            int.TryParse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture, out var number)
                ? number : throw new TestReportException("a number is too large");

        private static void Expect(bool holds, string otherwise)
        {
            if (!holds)
            {
                throw new TestReportException(otherwise);
            }
        }
    }
}
