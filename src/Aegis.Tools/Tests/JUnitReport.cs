using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;

namespace Aegis.Tools.Tests;

// The report was written beside code under test, which may have put anything in its place (ReportXml).

/// <summary>Reads JUnit's XML as written by pytest, vitest, unittest's shim, Maven's surefire and
/// others.</summary>
public static partial class JUnitReport
{
    public const int CharsMax = ReportXml.CharsMax;
    public const int CasesMax = 100_000;

    /// <exception cref="TestReportException">Not such a report, or beyond a limit.</exception>
    public static List<TestCase> Parse(TextReader text)
    {
        var cases = new List<TestCase>();
        try
        {
            using var xml = XmlReader.Create(text, ReportXml.Settings);
            var suites = new Stack<string>();
            Expect(xml.MoveToContent() == XmlNodeType.Element && xml.Name is "testsuites" or "testsuite",
                "the root is neither testsuites nor testsuite");
            do
            {
                if (xml is { NodeType: XmlNodeType.Element, Name: "testsuite" } && !xml.IsEmptyElement)
                {
                    suites.Push(xml.GetAttribute("file") ?? xml.GetAttribute("name") ?? "");
                }
                else if (xml is { NodeType: XmlNodeType.EndElement, Name: "testsuite" })
                {
                    suites.Pop();
                }
                else if (xml is { NodeType: XmlNodeType.Element, Name: "testcase" })
                {
                    Expect(cases.Count < CasesMax, $"more than {CasesMax} tests");
                    cases.Add(Case(xml, suites.TryPeek(out var suite) ? suite : null));
                }
            }
            while (xml.Read());
        }
        catch (XmlException e)
        {
            throw new TestReportException($"not JUnit XML: {e.Message}");
        }
        return cases;
    }

    private static TestCase Case(XmlReader xml, string? suite)
    {
        var name = xml.GetAttribute("name") ?? "";
        var classname = xml.GetAttribute("classname");
        var file = xml.GetAttribute("file") ?? FileLike(classname) ?? FileLike(suite);
        var status = TestStatus.Passed;
        string? message = null, stack = null;
        TimeSpan? time = double.TryParse(xml.GetAttribute("time"), NumberStyles.Float,
            CultureInfo.InvariantCulture,
            out var seconds) && seconds is >= 0 and < 1e9 ? TimeSpan.FromSeconds(seconds) : null;
        using var inside = xml.ReadSubtree();
        while (inside.Read())
        {
            if (inside is { NodeType: XmlNodeType.Element, Name: "failure" or "error" or "skipped" })
            {
                // a test that failed and was to be skipped (node's todo) is skipped
                status = inside.Name == "skipped" || status == TestStatus.Skipped
                    ? TestStatus.Skipped : TestStatus.Failed;
                var said = inside.GetAttribute("message");
                stack ??= Content(inside);
                message ??= string.IsNullOrWhiteSpace(said) ? stack : said;
            }
        }
        var around = Around(classname, file);
        var own = around.Length == 0 ? name : $"{around} > {name}";
        var place = file is null && classname is not null ? JavaPlace(classname, stack) : default;
        return new TestCase(own, file ?? place.File, status, time?.TotalMilliseconds, message, place.Line);
    }

    // at stock.StockTest.nothing(StockTest.java:16): the first line of the test class's own
    private static (string? File, int? Line) JavaPlace(string classname, string? stack)
    {
        foreach (Match match in JavaFrame().Matches(stack ?? ""))
        {
            var frame = match.Groups["class"].Value;
            if (frame == classname || frame.StartsWith(classname + "$", StringComparison.Ordinal))
            {
                var folder = classname.LastIndexOf('.') is var dot and > 0
                    ? classname[..dot].Replace('.', '/') + "/" : "";
                return (folder + match.Groups["file"].Value,
                    int.Parse(match.Groups["line"].Value, CultureInfo.InvariantCulture));
            }
        }
        return default;
    }

    [GeneratedRegex(@"\bat (?:\S+/)?(?<class>[\w.$]+)\.[\w$<>]+\((?<file>\w+\.\w+):(?<line>\d{1,9})\)")]
    private static partial Regex JavaFrame();

    private static string Content(XmlReader xml)
    {
        if (xml.IsEmptyElement)
        {
            return "";
        }
        xml.Read();
        return xml.NodeType is XmlNodeType.Text or XmlNodeType.CDATA ? xml.Value : "";
    }

    private static string? FileLike(string? text) =>
        text is not null && text.Contains('.', StringComparison.Ordinal)
            && !text.Contains(' ', StringComparison.Ordinal)
            && Path.GetExtension(text) is ".js" or ".mjs" or ".cjs" or ".jsx" or ".ts" or ".mts" or ".tsx"
                or ".py"
            ? text : null;

    // of pytest's tests.test_x.TestY only TestY is not said by the file already
    private static string Around(string? classname, string? file)
    {
        if (classname is null || classname == file)
        {
            return "";
        }
        if (file is null)
        {
            return classname;
        }
        var module = Path.ChangeExtension(file, null).Replace('/', '.');
        return classname == module ? ""
            : classname.StartsWith(module + ".", StringComparison.Ordinal) ? classname[(module.Length + 1)..]
            : classname;
    }

    private static void Expect(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new TestReportException($"not JUnit XML: {otherwise}");
        }
    }
}
