using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Aegis.Tools.Tests;

/// <summary>Reads TAP 13 and 14: subtests by indentation, diagnostics, SKIP and TODO, plans. A suite is not
/// counted beside its own tests, unless it failed and none of them did.</summary>
public static partial class TapReport
{
    public const int CharsMax = 32 * 1024 * 1024;
    public const int CasesMax = 100_000;
    private const int IndentOfASubtest = 4;

    /// <summary>True where the text holds a line that only TAP has.</summary>
    public static bool IsTap(string text) => VersionLine().IsMatch(text) || PlanLine().IsMatch(text);

    /// <exception cref="TestReportException">A plan that was not kept, a bail out, or beyond a
    /// limit.</exception>
    public static List<TestCase> Parse(string text)
    {
        if (text.Length > CharsMax)
        {
            throw new TestReportException($"the report is longer than {CharsMax} characters");
        }
        var reader = new Lines(text);
        while (reader.Next())
        {
        }
        return reader.Finish();
    }

    [GeneratedRegex(@"^TAP version 1[34]\s*$", RegexOptions.Multiline)]
    private static partial Regex VersionLine();

    [GeneratedRegex(@"^1\.\.\d{1,9}\s*(#.*)?$", RegexOptions.Multiline)]
    private static partial Regex PlanLine();

    [GeneratedRegex(@"^(not )?ok\b(?:\s+(\d{1,9}))?(?:\s+-)?\s?(.*)$")]
    private static partial Regex ResultLine();

    [GeneratedRegex(@"(?<!\\)#\s*(skip|todo)\S*\s*(.*)$", RegexOptions.IgnoreCase)]
    private static partial Regex Directive();

    private sealed class Lines(string text)
    {
        private readonly StringReader _reader = new(text);
        private readonly List<TestCase> _cases = [];
        private readonly List<Level> _levels = [new()];
        private string? _pushedBack;

        public bool Next()
        {
            var line = _pushedBack ?? _reader.ReadLine();
            _pushedBack = null;
            if (line is null)
            {
                return false;
            }
            var bare = line.TrimStart(' ');
            var depth = (line.Length - bare.Length) / IndentOfASubtest;
            if (bare.StartsWith("Bail out!", StringComparison.Ordinal))
            {
                throw new TestReportException(bare);
            }
            if (bare.StartsWith("# Subtest: ", StringComparison.Ordinal))
            {
                Name(depth, Unescape(bare[11..]));
            }
            else if (PlanLine().Match(bare) is { Success: true } && depth < _levels.Count)
            {
                _levels[depth].Planned = int.Parse(bare.Split(' ', '#')[0][3..],
                    CultureInfo.InvariantCulture);
            }
            else if (ResultLine().Match(bare) is { Success: true } result)
            {
                Result(depth, result);
            }
            return true;
        }

        public List<TestCase> Finish()
        {
            Close(0);
            if (_levels[0].Planned is not { } planned)
            {
                throw new TestReportException("it has no plan: the run was cut short");
            }
            if (planned != _levels[0].Results)
            {
                throw new TestReportException(
                    $"the plan names {planned} tests, {_levels[0].Results} reported");
            }
            return _cases;
        }

        // node writes the name line of a suite at the suite's own level, before what is inside it
        private void Name(int depth, string name)
        {
            Open(depth);
            _levels[depth].Suite = name;
        }

        private void Open(int depth)
        {
            while (_levels.Count <= depth)
            {
                _levels.Add(new Level());
            }
        }

        private void Result(int depth, Match line)
        {
            if (_cases.Count >= CasesMax)
            {
                throw new TestReportException($"more than {CasesMax} tests");
            }
            Open(depth);
            var inner = Close(depth);
            var rest = line.Groups[3].Value;
            var directive = Directive().Match(rest);
            var name = Unescape(directive.Success ? rest[..directive.Index].TrimEnd() : rest.TrimEnd());
            var failed = line.Groups[1].Success && !directive.Success;
            var diagnostic = Diagnostic(depth);
            _levels[depth].Results++;
            _levels[depth].Failed |= failed;
            if (inner is { Results: > 0 } && (!failed || inner.Failed))
            {
                return;
            }
            var status = failed ? TestStatus.Failed : directive.Success && (line.Groups[1].Success
                || directive.Groups[1].Value[0] is 's' or 'S')
                ? TestStatus.Skipped : TestStatus.Passed;
            var path = _levels.Take(depth).Select(l => l.Suite).OfType<string>().Append(name);
            _cases.Add(new TestCase(string.Join(" > ", path), diagnostic.File, status, diagnostic.DurationMs,
                diagnostic.Message ?? (directive.Success && directive.Groups[2].Length > 0
                    ? directive.Groups[2].Value : null)));
        }

        // ends every level below; what was the next one is returned
        private Level? Close(int depth)
        {
            var inner = _levels.Count > depth + 1 ? _levels[depth + 1] : null;
            _levels.RemoveRange(depth + 1, _levels.Count - depth - 1);
            _levels[depth].Suite = null;
            return inner;
        }

        // the YAML block below a result: only the few keys that are of use, read line by line
        private (string? File, double? DurationMs, string? Message) Diagnostic(int depth)
        {
            string? file = null, message = null;
            double? duration = null;
            _pushedBack = _reader.ReadLine();
            if (_pushedBack?.Trim() != "---")
            {
                return default;
            }
            _pushedBack = null;
            var indent = (depth * IndentOfASubtest) + 2;
            for (var line = _reader.ReadLine(); line is not null
                && line.Trim() != "..."; line = _reader.ReadLine())
            {
                var colon = line.IndexOf(": ", StringComparison.Ordinal);
                if (colon < 0 || line.Length - line.TrimStart().Length != indent)
                {
                    message += message is not null && message.EndsWith('\n') ? line.Trim() + "\n" : "";
                    continue;
                }
                var value = line[(colon + 2)..].Trim().Trim('\'', '"');
                switch (line[..colon].Trim())
                {
                    case "duration_ms" when double.TryParse(value, CultureInfo.InvariantCulture, out var ms):
                        duration = ms;
                        break;
                    case "location":
                        file = value.Split(':')[0];
                        break;
                    case "file":
                        file = value;
                        break;
                    case "error" or "message" when string.IsNullOrWhiteSpace(message):
                        message = value is "|-" or "|" or ">" or ">-" ? "\n" : value;
                        break;
                    default:
                        message = message?.TrimEnd('\n');
                        break;
                }
            }
            message = message?.Trim();
            return (file, duration, string.IsNullOrEmpty(message) ? null : message);
        }

        private static string Unescape(string name)
        {
            var plain = new StringBuilder(name.Length);
            for (var i = 0; i < name.Length; i++)
            {
                i += name[i] == '\\' && i + 1 < name.Length && name[i + 1] is '\\' or '#' ? 1 : 0;
                plain.Append(name[i]);
            }
            return plain.ToString();
        }
    }

    private sealed class Level
    {
        public string? Suite { get; set; }

        public int Results { get; set; }

        public bool Failed { get; set; }

        public int? Planned { get; set; }
    }
}
