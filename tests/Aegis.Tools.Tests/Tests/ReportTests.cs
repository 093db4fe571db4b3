using System.Collections.Immutable;
using System.Text;
using Aegis.Tools.Tests;

namespace Aegis.Tools.Tests.Tests;

public sealed class ReportTests
{
    [Fact]
    public void JUnit_PytestsReport_GivesEachTest()
    {
        var cases = JUnit("""
            <?xml version="1.0"?><testsuites><testsuite name="pytest" tests="4">
            <testcase classname="tests.test_a" name="test_ok" file="tests/test_a.py" line="3" time="0.0015"/>
            <testcase classname="tests.test_a.TestB" name="test_bad" file="tests/test_a.py" time="0.2">
              <failure message="assert 1 == 2">long text</failure></testcase>
            <testcase classname="tests.test_a" name="test_err" file="tests/test_a.py">
              <error>broken fixture</error></testcase>
            <testcase classname="tests.test_a" name="test_skip" file="tests/test_a.py">
              <skipped message="why"/></testcase>
            </testsuite></testsuites>
            """);
        Assert.Equal(
            [
                new TestCase("test_ok", "tests/test_a.py", TestStatus.Passed, 1.5),
                new TestCase("TestB > test_bad", "tests/test_a.py", TestStatus.Failed, 200, "assert 1 == 2"),
                new TestCase("test_err", "tests/test_a.py", TestStatus.Failed, null, "broken fixture"),
                new TestCase("test_skip", "tests/test_a.py", TestStatus.Skipped, null, "why"),
            ], cases);
    }

    [Fact]
    public void JUnit_VitestsNames_AreKept()
    {
        var test = Assert.Single(JUnit("""
            <testsuites><testsuite name="t/a.test.js">
            <testcase classname="t/a.test.js" name="d &gt; bad" time="0.1"></testcase>
            </testsuite></testsuites>
            """));
        Assert.Equal(("d > bad", "t/a.test.js"), (test.Name, test.File));
    }

    [Theory]
    [InlineData("<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><testsuite name='&e;'/>")]
    [InlineData("<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><testsuite name=\"&b;\"/>")]
    [InlineData("<html/>")]
    [InlineData("<testsuite><testcase name='a'>")]
    [InlineData("not xml")]
    [InlineData("")]
    public void JUnit_HostileOrBrokenXml_IsRefused(string xml) =>
        Assert.Throws<TestReportException>(() => JUnit(xml));

    [Fact]
    public void JUnit_CasesAtTheLimitAndPast()
    {
        var many = new StringBuilder("<testsuite>").Insert(11, "<testcase name='t'/>", JUnitReport.CasesMax);
        Assert.Equal(JUnitReport.CasesMax, JUnit($"{many}</testsuite>").Count);
        Assert.Throws<TestReportException>(() => JUnit($"{many}<testcase name='t'/></testsuite>"));
    }

    [Fact]
    public void Tap_NodesReport_GivesLeavesWithTheirSuites()
    {
        var cases = TapReport.Parse("""
            TAP version 13
            # Subtest: adds \# one
            ok 1 - adds \# one
              ---
              duration_ms: 1.5
              ...
            # Subtest: outer
                # Subtest: inner
                not ok 1 - inner
                  ---
                  duration_ms: 2
                  location: '/work/app/a.test.js:3:1'
                  failureType: 'testCodeFailure'
                  error: |-
                    Expected values to be equal:

                    1 !== 2
                  code: 'ERR_ASSERTION'
                  ...
                # Subtest: fine
                ok 2 - fine
                1..2
            not ok 2 - outer
              ---
              error: '1 subtest failed'
              ...
            ok 3 - later # SKIP not yet
            not ok 4 - some day # TODO
            ok 5 - quiet
            1..5
            """);
        Assert.Equal(
            [
                new TestCase("adds # one", null, TestStatus.Passed, 1.5),
                new TestCase("outer > inner", "/work/app/a.test.js", TestStatus.Failed, 2,
                    "Expected values to be equal:\n\n1 !== 2"),
                new TestCase("outer > fine", null, TestStatus.Passed),
                new TestCase("later", null, TestStatus.Skipped, null, "not yet"),
                new TestCase("some day", null, TestStatus.Skipped),
                new TestCase("quiet", null, TestStatus.Passed),
            ], cases);
    }

    [Fact]
    public void Tap_SuiteThatFailedByItself_IsCounted()
    {
        var cases = TapReport.Parse("""
            # Subtest: s
                ok 1 - a
                1..1
            not ok 1 - s
              ---
              error: 'after hook'
              ...
            1..1
            """);
        Assert.Equal([("s > a", TestStatus.Passed), ("s", TestStatus.Failed)],
            cases.Select(c => (c.Name, c.Status)));
    }

    [Theory]
    [InlineData("TAP version 13\nok 1\nok 2\n1..3\n")]
    [InlineData("TAP version 13\nok 1\n")]
    [InlineData("1..2\nok 1\nBail out! no database\n")]
    public void Tap_PlanNotKeptOrBailOut_IsRefused(string tap) =>
        Assert.Throws<TestReportException>(() => TapReport.Parse(tap));

    [Theory]
    [InlineData("1..0 # skip all\n", 0)]
    [InlineData("1..1\nok\n", 1)]
    [InlineData("ok 1 - okay then\n1..1", 1)]
    public void Tap_SmallReports_AreRead(string tap, int tests) =>
        Assert.Equal(tests, TapReport.Parse(tap).Count);

    [Fact]
    public void Jest_FileThatCannotRun_IsAFailedTest()
    {
        var cases = JestReport.Parse("""
            {"testResults":[
              {"name":"/work/app/a.test.js","status":"passed","assertionResults":[
                {"ancestorTitles":["d"],"title":"t","status":"passed","duration":3,"failureMessages":[]},
                {"ancestorTitles":[],"title":"p","status":"pending","duration":null}]},
              {"name":"/work/app/b.test.js","status":"failed","message":"boom","assertionResults":[]}]}
            """u8.ToArray());
        Assert.Equal(
            [
                new TestCase("d > t", "/work/app/a.test.js", TestStatus.Passed, 3),
                new TestCase("p", "/work/app/a.test.js", TestStatus.Skipped),
                new TestCase("(the file itself)", "/work/app/b.test.js", TestStatus.Failed, null, "boom"),
            ], cases);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"testResults\":[{}]}")]
    [InlineData("{\"testResults\":")]
    public void Jest_OtherJson_IsRefused(string json) =>
        Assert.Throws<TestReportException>(() => JestReport.Parse(Encoding.UTF8.GetBytes(json)));

    [Theory]
    [InlineData(TestVerdict.TextCasesMax)]
    [InlineData(TestVerdict.TextCasesMax + 1)]
    public void Verdict_TextAtTheLimitAndPast_NamesNoMore(int failed)
    {
        var cases = Enumerable.Range(0, failed).Select(n => new TestCase($"t{n}", null, TestStatus.Failed))
            .ToImmutableArray();
        var error = TestVerdict.ErrorOf("x", cases, 1, null);
        var result = TestVerdict.Of(new TestResults([new("x", true, cases, default, 1, error)]));
        Assert.Equal(TestVerdict.TextCasesMax, result.Text!.Split("\nfailed: ").Length - 1);
        Assert.Equal(failed, result.Outputs!.Value.GetProperty("failed").GetInt32());
    }

    private static List<TestCase> JUnit(string xml) => JUnitReport.Parse(new StringReader(xml));
}
