using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Aegis.Tools.Tests;

/// <summary>Reads the events of <c>go test -json</c>. A test is not counted beside its own subtests, unless
/// it failed and none of them did; a package that failed without a failed test is a case of its
/// own.</summary>
public static partial class GoReport
{
    public const int CharsMax = 32 * 1024 * 1024;
    public const int CasesMax = 100_000;
    private const int SaidCharsMax = 4096;
    private const string Itself = "(the package itself)";

    /// <exception cref="TestReportException">No such events, or beyond a limit.</exception>
    public static List<TestCase> Parse(string text)
    {
        if (text.Length > CharsMax)
        {
            throw new TestReportException($"the report is longer than {CharsMax} characters");
        }
        var run = new Events();
        using var lines = new StringReader(text);
        while (lines.ReadLine() is { } line)
        {
            run.Read(line);
        }
        return run.Finish();
    }

    // a package that could not be built is told outside the events before Go 1.20
    [GeneratedRegex(@"^FAIL\t(?<package>\S+) (?<why>\[.+\])$")]
    private static partial Regex NotBuilt();

    [GeneratedRegex(@"^\s+(?:\S*/)?(?<file>[^\s/:]+_test\.go):(?<line>\d{1,9})",
        RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex Place();

    private sealed class Events
    {
        private readonly List<Subject> _subjects = [];
        private readonly Dictionary<(string Package, string? Test), Subject> _byName = [];
        private readonly Dictionary<string, StringBuilder> _builds = [];

        public void Read(string line)
        {
            if (NotBuilt().Match(line) is { Success: true } match)
            {
                var subject = Of(match.Groups["package"].Value, null);
                (subject.End, _) = ("fail", subject.Said.Append(match.Groups["why"].Value));
                return;
            }
            if (!line.StartsWith('{'))
            {
                return;
            }
            try
            {
                using var json = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 8 });
                Read(json.RootElement);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                throw new TestReportException($"not an event of go test: {e.Message}");
            }
        }

        public List<TestCase> Finish()
        {
            var parents = _subjects.Where(subject => subject.Test is not null)
                .SelectMany(subject => Above(subject.Test!).Select(test => (subject.Package, test, subject)))
                .ToLookup(row => (row.Package, row.test), row => row.subject);
            var cases = new List<TestCase>();
            foreach (var subject in _subjects.Where(subject => subject.Test is not null))
            {
                var inside = parents[(subject.Package, subject.Test!)].ToList();
                if (inside.Count == 0
                    || (subject.Status == TestStatus.Failed
                        && inside.All(test => test.Status != TestStatus.Failed)))
                {
                    cases.Add(Case(subject));
                }
            }
            var failed = cases.Where(test => test.Status == TestStatus.Failed)
                .Select(test => test.Name.Split(" > ")[0]).ToHashSet(StringComparer.Ordinal);
            cases.AddRange(_subjects.Where(subject => subject is { Test: null, End: "fail" }
                && !failed.Contains(subject.Package)).Select(Case));
            return cases;
        }

        private static IEnumerable<string> Above(string test)
        {
            for (var slash = test.LastIndexOf('/'); slash > 0; slash = test.LastIndexOf('/'))
            {
                yield return test = test[..slash];
            }
        }

        private void Read(JsonElement json)
        {
            var action = Text(json, "Action");
            if (action is "build-output" or "build-fail")
            {
                // "pkg" and "pkg [pkg.test]" are builds of one package
                var import = (Text(json, "ImportPath") ?? "").Split(' ')[0];
                _builds.TryAdd(import, new StringBuilder());
                Append(_builds[import], Text(json, "Output"));
                return;
            }
            if (Text(json, "Package") is not { } package)
            {
                return;
            }
            var subject = Of(package, Text(json, "Test"));
            switch (action)
            {
                case "output":
                    Append(subject.Said, Text(json, "Output"));
                    break;
                case "pass" or "fail" or "skip":
                    subject.End = action;
                    subject.Seconds = json.TryGetProperty("Elapsed", out var elapsed)
                        ? elapsed.GetDouble() : null;
                    break;
            }
        }

        private TestCase Case(Subject subject)
        {
            var said = subject.Said.ToString();
            if (subject.Test is null && _builds.TryGetValue(subject.Package, out var build))
            {
                said = build + said;
            }
            var told = string.Join('\n', said.Split('\n').Where(line => line.Trim() is { Length: > 0 } words
                && !words.StartsWith("=== ", StringComparison.Ordinal)
                && !words.StartsWith("--- ", StringComparison.Ordinal)).Select(line => line.Trim()));
            var place = Place().Match(said);
            var status = subject.Status;
            return new TestCase($"{subject.Package} > {subject.Test ?? Itself}",
                place.Success && status != TestStatus.Passed ? place.Groups["file"].Value : null, status,
                subject.Seconds * 1000,
                status == TestStatus.Passed ? null
                    : subject.End is null ? $"it did not come to its end; {told}" : told,
                place.Success && status == TestStatus.Failed
                    ? int.Parse(place.Groups["line"].Value, CultureInfo.InvariantCulture) : null);
        }

        private Subject Of(string package, string? test)
        {
            if (_byName.TryGetValue((package, test), out var known))
            {
                return known;
            }
            if (_subjects.Count >= CasesMax)
            {
                throw new TestReportException($"more than {CasesMax} tests");
            }
            var subject = new Subject(package, test);
            _subjects.Add(subject);
            return _byName[(package, test)] = subject;
        }

        private static void Append(StringBuilder said, string? output)
        {
            if (output is not null && said.Length < SaidCharsMax)
            {
                said.Append(output, 0, Math.Min(output.Length, SaidCharsMax));
            }
        }

        private static string? Text(JsonElement json, string name) =>
            json.TryGetProperty(name, out var value) ? value.GetString() : null;
    }

    private sealed class Subject(string package, string? test)
    {
        public string Package { get; } = package;

        public string? Test { get; } = test;

        public StringBuilder Said { get; } = new();

        /// <summary>pass, fail, skip; null for one that never ended.</summary>
        public string? End { get; set; }

        public double? Seconds { get; set; }

        public TestStatus Status => End switch
        {
            "pass" => TestStatus.Passed,
            "skip" => TestStatus.Skipped,
            _ => TestStatus.Failed,
        };
    }
}
