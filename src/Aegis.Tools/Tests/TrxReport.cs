using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;

namespace Aegis.Tools.Tests;

/// <summary>Reads one or more of VSTest's trx reports below one root. A run that broke off without a failed
/// test is a failed case of its own.</summary>
public static partial class TrxReport
{
    public const int CasesMax = 100_000;

    /// <exception cref="TestReportException">Not such a report, or beyond a limit.</exception>
    public static List<TestCase> Parse(TextReader text)
    {
        var cases = new List<TestCase>();
        try
        {
            using var xml = XmlReader.Create(text, ReportXml.Settings);
            Expect(xml.MoveToContent() == XmlNodeType.Element && xml.LocalName is "TestRuns" or "TestRun",
                "the root is neither TestRuns nor TestRun");
            do
            {
                if (xml is { NodeType: XmlNodeType.Element, LocalName: "TestRun" })
                {
                    ReadRun(xml, cases);
                }
            }
            while (xml.Read());
        }
        catch (XmlException e)
        {
            throw new TestReportException($"not trx: {e.Message}");
        }
        return cases;
    }

    private static void ReadRun(XmlReader xml, List<TestCase> cases)
    {
        var before = cases.Count;
        string? broke = null;
        using var inside = xml.ReadSubtree();
        while (inside.Read())
        {
            if (inside is { NodeType: XmlNodeType.Element, LocalName: "UnitTestResult" })
            {
                Expect(cases.Count < CasesMax, $"more than {CasesMax} tests");
                cases.Add(Case(inside));
            }
            else if (inside is { NodeType: XmlNodeType.Element, LocalName: "RunInfo" }
                && inside.GetAttribute("outcome") == "Error")
            {
                // xunit writes its failures here too: they are known by then
                broke ??= TextOf(inside, "Text");
            }
        }
        if (broke is not null && cases.Skip(before).All(test => test.Status != TestStatus.Failed))
        {
            cases.Add(new TestCase("(the test run itself)", null, TestStatus.Failed, Message: broke));
        }
    }

    private static TestCase Case(XmlReader xml)
    {
        var name = xml.GetAttribute("testName") ?? "";
        var status = xml.GetAttribute("outcome") switch
        {
            "Passed" => TestStatus.Passed,
            "NotExecuted" or "Inconclusive" or "Pending" => TestStatus.Skipped,
            _ => TestStatus.Failed,
        };
        double? duration = TimeSpan.TryParse(xml.GetAttribute("duration"), CultureInfo.InvariantCulture,
            out var time) ? time.TotalMilliseconds : null;
        string? message = null;
        var place = Match.Empty;
        using var inside = xml.ReadSubtree();
        while (inside.Read())
        {
            if (inside is { NodeType: XmlNodeType.Element, LocalName: "Message" })
            {
                message ??= inside.ReadElementContentAsString();
            }
            if (inside is { NodeType: XmlNodeType.Element, LocalName: "StackTrace" })
            {
                place = Frame().Match(inside.ReadElementContentAsString());
            }
        }
        var test = new TestCase(name, null, status, duration, message);
        return !place.Success ? test : test with
        {
            File = place.Groups["file"].Value,
            Line = int.Parse(place.Groups["line"].Value, CultureInfo.InvariantCulture),
        };
    }

    private static string TextOf(XmlReader xml, string element)
    {
        using var inside = xml.ReadSubtree();
        return inside.ReadToDescendant(element, xml.NamespaceURI) ? inside.ReadElementContentAsString() : "";
    }

    // "   at Stock.Tests.ShelfTests.OfNothing(Int32 expected) in /work/app/ShelfTests.cs:line 13"
    [GeneratedRegex(@" in (?<file>/[^\n]+?):line (?<line>\d{1,9})", RegexOptions.NonBacktracking)]
    private static partial Regex Frame();

    private static void Expect(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new TestReportException($"not trx: {otherwise}");
        }
    }
}
