using System.Text;

namespace Aegis.Tools.Tests.Tests;

/// <summary>Reports of compiled languages. The texts were printed by the runners themselves (go 1.19, cargo
/// 0.66 and 1.95, tsc 4.8, VSTest of .NET 10) and shortened; what Go 1.24 prints is after its
/// documentation.</summary>
public sealed class CompiledReportTests
{
    [Fact]
    public void Go_Events_GiveLeavesAndPackages()
    {
        var cases = GoReport.Parse("""
            {"Action":"run","Package":"e.org/s","Test":"TestA"}
            {"Action":"output","Package":"e.org/s","Test":"TestA","Output":"=== RUN   TestA\n"}
            {"Action":"pass","Package":"e.org/s","Test":"TestA","Elapsed":0.25}
            {"Action":"run","Package":"e.org/s","Test":"B"}
            {"Action":"run","Package":"e.org/s","Test":"B/no"}
            {"Action":"output","Package":"e.org/s","Test":"B/no","Output":"    s_test.go:14: got 0, want 1\n"}
            {"Action":"output","Package":"e.org/s","Test":"B/no","Output":"    --- FAIL: B/no (0.00s)\n"}
            {"Action":"fail","Package":"e.org/s","Test":"B/no","Elapsed":0}
            {"Action":"pass","Package":"e.org/s","Test":"B/nil","Elapsed":0}
            {"Action":"fail","Package":"e.org/s","Test":"B","Elapsed":0}
            {"Action":"output","Package":"e.org/s","Test":"TestC","Output":"    s_test.go:21: not yet\n"}
            {"Action":"skip","Package":"e.org/s","Test":"TestC","Elapsed":0}
            {"Action":"output","Package":"e.org/s","Output":"FAIL\te.org/s\t0.004s\n"}
            {"Action":"fail","Package":"e.org/s","Elapsed":0.004}
            {"Action":"output","Package":"e.org/none","Output":"?   \te.org/none\t[no test files]\n"}
            {"Action":"skip","Package":"e.org/none","Elapsed":0}
            """);
        Assert.Equal(
            [
                new TestCase("e.org/s > TestA", null, TestStatus.Passed, 250),
                new TestCase("e.org/s > B/no", "s_test.go", TestStatus.Failed, 0,
                    "s_test.go:14: got 0, want 1", 14),
                new TestCase("e.org/s > B/nil", null, TestStatus.Passed, 0),
                new TestCase("e.org/s > TestC", "s_test.go", TestStatus.Skipped, 0, "s_test.go:21: not yet"),
            ], cases);
    }

    [Fact]
    public void Go_WhatFailedOutsideATest_IsAFailure()
    {
        var cases = GoReport.Parse("""
            FAIL	e.org/old [setup failed]
            {"ImportPath":"e.org/new [n.test]","Action":"build-output","Output":"new.go:3:1: syntax error\n"}
            {"ImportPath":"e.org/new [e.org/new.test]","Action":"build-fail"}
            {"Action":"output","Package":"e.org/new","Output":"FAIL\te.org/new [build failed]\n"}
            {"Action":"fail","Package":"e.org/new","Elapsed":0,"FailedBuild":"e.org/new [e.org/new.test]"}
            {"Action":"run","Package":"e.org/cut","Test":"TestCut"}
            {"Action":"output","Package":"e.org/cut","Test":"TestCut","Output":"panic: test timed out\n"}
            {"Action":"run","Package":"e.org/s","Test":"TestA"}
            {"Action":"run","Package":"e.org/s","Test":"TestA/x"}
            {"Action":"pass","Package":"e.org/s","Test":"TestA/x","Elapsed":0}
            {"Action":"fail","Package":"e.org/s","Test":"TestA","Elapsed":0}
            """);
        Assert.Equal(["e.org/cut > TestCut Failed", "e.org/s > TestA Failed", "e.org/s > TestA/x Passed",
            "e.org/old > (the package itself) Failed", "e.org/new > (the package itself) Failed"],
            cases.Select(test => $"{test.Name} {test.Status}"));
        Assert.Equal("it did not come to its end; panic: test timed out", cases[0].Message);
        Assert.Equal("[setup failed]", cases[3].Message);
        Assert.StartsWith("new.go:3:1: syntax error", cases[4].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"Action\":")]
    [InlineData("{\"Action\":1,\"Package\":\"p\"}")]
    public void Go_ABrokenEvent_IsRefused(string text) =>
        Assert.Throws<TestReportException>(() => GoReport.Parse(text));

    [Theory]
    [InlineData("thread 'tests::bad' panicked at 'an empty shelf', src/lib.rs:23:9", "an empty shelf")]
    [InlineData("thread 'tests::bad' (16814) panicked at src/lib.rs:23:9:\nassertion failed: an empty shelf",
        "an empty shelf")]
    public void Cargo_Text_GivesEachTest(string panic, string message)
    {
        var cases = CargoReport.Parse($"""
               Compiling stock v0.1.0 (/work/app)
                 Running unittests src/lib.rs (target/debug/deps/stock-36ba)

            running 4 tests
            test tests::later ... ignored, not yet
            test tests::good ... ok
            test tests::bad ... FAILED
            test tests::panics - should panic ... ok

            failures:

            ---- tests::bad stdout ----
            {panic}
            stack backtrace:
               0: rust_begin_unwind
            note: Some details are omitted.


            failures:
                tests::bad

            test result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.05s

            error: test failed, to rerun pass `--lib`
               Doc-tests stock

            running 1 test
            test src/lib.rs - count (line 5) ... ok

            test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.40s

            """);
        Assert.Equal(
            [
                new TestCase("tests::later", "src/lib.rs", TestStatus.Skipped, null, "not yet"),
                new TestCase("tests::good", "src/lib.rs", TestStatus.Passed),
                cases[2],
                new TestCase("tests::panics", "src/lib.rs", TestStatus.Passed),
                new TestCase("src/lib.rs - count (line 5)", "src/lib.rs", TestStatus.Passed, Line: 5),
            ], cases);
        Assert.Equal(("tests::bad", "src/lib.rs", TestStatus.Failed, 23),
            (cases[2].Name, cases[2].File, cases[2].Status, cases[2].Line));
        Assert.Contains(message, cases[2].Message, StringComparison.Ordinal);
        Assert.DoesNotContain("backtrace", cases[2].Message, StringComparison.Ordinal);
    }

    [Theory]
    // a test that printed into its own line; a program that died; two programs, the first without an end
    [InlineData("running 1 test\ntest a ... said\nok\n\ntest result: ok. 1 passed; 0 failed; 0 ignored;")]
    [InlineData("running 2 tests\ntest a ... ok\n")]
    [InlineData("running 1 test\ntest a ... ok\nrunning 1 test\ntest b ... ok\n\n"
        + "test result: ok. 1 passed; 0 failed; 0 ignored;")]
    [InlineData("running 2 tests\ntest a ... ok\ntest result: ok. 1 passed; 0 failed; 0 ignored; x")]
    public void Cargo_CountsThatDoNotAgree_AreRefused(string text) =>
        Assert.Throws<TestReportException>(() => CargoReport.Parse(text));

    [Fact]
    public void Cargo_ABuildThatFailed_HasNoTests() =>
        Assert.Empty(CargoReport.Parse("error: could not compile `stock` due to 3 previous errors\n"));

    [Fact]
    public void Trx_SeveralRuns_GiveEachTest()
    {
        var cases = Trx("""
            <TestRuns><TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Results>
            <UnitTestResult testName="S.T.AddsUp" duration="00:00:00.0193243" outcome="Passed" />
            <UnitTestResult testName="S.T.Later" duration="00:00:00.0010000" outcome="NotExecuted">
              <Output><ErrorInfo><Message>not yet</Message></ErrorInfo></Output></UnitTestResult>
            </Results></TestRun>
            <TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Results>
            <UnitTestResult testName="S.U.Bad" duration="00:00:01" outcome="Failed">
              <Output><StdOut>x</StdOut><ErrorInfo><Message>Expected: 1</Message>
              <StackTrace>   at S.U.Bad() in /work/app/U.cs:line 13
               at Other() in /work/app/V.cs:line 1</StackTrace></ErrorInfo></Output></UnitTestResult>
            </Results><ResultSummary outcome="Failed"><RunInfos><RunInfo outcome="Error">
            <Text>[xUnit.net 00:00:00.45]     S.U.Bad [FAIL]</Text></RunInfo></RunInfos></ResultSummary>
            </TestRun></TestRuns>
            """);
        Assert.Equal(
            [
                new TestCase("S.T.AddsUp", null, TestStatus.Passed, 19.3243),
                new TestCase("S.T.Later", null, TestStatus.Skipped, 1, "not yet"),
                new TestCase("S.U.Bad", "/work/app/U.cs", TestStatus.Failed, 1000, "Expected: 1", 13),
            ], cases);
    }

    [Theory]
    [InlineData("""<Results><UnitTestResult testName="a" outcome="Passed" /></Results>""", 2)]
    [InlineData("", 1)]
    public void Trx_ARunThatBrokeOff_IsAFailure(string results, int count)
    {
        var cases = Trx($"""
            <TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010">{results}
            <ResultSummary outcome="Failed"><Counters total="0" /><RunInfos>
            <RunInfo computerName="vm" outcome="Error"><Text>The active test run was aborted.</Text></RunInfo>
            </RunInfos></ResultSummary></TestRun>
            """);
        Assert.Equal(count, cases.Count);
        Assert.Equal(new TestCase("(the test run itself)", null, TestStatus.Failed,
            Message: "The active test run was aborted."), cases[^1]);
    }

    [Theory]
    [InlineData("<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><TestRun>&e;</TestRun>")]
    [InlineData("<html/>")]
    [InlineData("<TestRuns><TestRun>")]
    [InlineData("")]
    public void Trx_HostileOrBrokenXml_IsRefused(string xml) =>
        Assert.Throws<TestReportException>(() => Trx(xml));

    [Fact]
    public void Tsc_Diagnostics_AreFailedCases()
    {
        var cases = TscReport.Parse("""
            src/use.ts(2,14): error TS2322: Type 'a' is not assignable to type 'b'.
              Types of property 'x' are incompatible.
            src/use.ts(4,3): error TS2554: Expected 1 arguments, but got 2.
            error TS2688: Cannot find type definition file for 'nothing'.
            /usr/share/nodejs/typescript/lib/lib.es5.d.ts
            /work/app/node_modules/a/index.d.ts
            /work/app/src/count.ts
            /work/app/src/use.ts
            """, "/work/app");
        Assert.Equal(
            [
                new TestCase("src/use.ts > TS2322", "src/use.ts", TestStatus.Failed, null,
                    "Type 'a' is not assignable to type 'b'.\nTypes of property 'x' are incompatible.", 2),
                new TestCase("src/use.ts > TS2554", "src/use.ts", TestStatus.Failed, null,
                    "Expected 1 arguments, but got 2.", 4),
                new TestCase("(the project itself) > TS2688", null, TestStatus.Failed, null,
                    "Cannot find type definition file for 'nothing'."),
                new TestCase("src/count.ts", "src/count.ts", TestStatus.Passed),
            ], cases);
    }

    [Fact]
    public void JUnit_OfMaven_NamesThePlaceInTheTestClass()
    {
        var test = Assert.Single(JUnitReport.Parse(new StringReader("""
            <testsuites><testsuite name="stock.StockTest">
            <testcase name="bad" classname="stock.StockTest" time="0.5">
            <failure message="expected:&lt;1&gt;" type="java.lang.Error"><![CDATA[java.lang.Error
            	at org.junit.Assert.fail(Assert.java:89)
            	at stock.StockTest.bad(StockTest.java:16)
            ]]></failure></testcase></testsuite></testsuites>
            """)));
        Assert.Equal(new TestCase("stock.StockTest > bad", "stock/StockTest.java", TestStatus.Failed, 500,
            "expected:<1>", 16), test);
    }

    [Fact]
    public void Reports_CasesAtTheLimitAndPast()
    {
        string Go(int n) => Lines(n, i => $$"""{"Action":"pass","Package":"p","Test":"T{{i}}"}""");
        string Cargo(int n) => $"running {n} tests\n{Lines(n, i => $"test t{i} ... ok")}\n"
            + $"test result: ok. {n} passed; 0 failed; 0 ignored;";
        string Tsc(int n) => Lines(n, i => $"/w/{i}.ts");
        string Xml(int n) => $"<TestRun>{Lines(n, _ => "<UnitTestResult outcome='Passed'/>")}</TestRun>";
        AtAndPast(GoReport.CasesMax, n => GoReport.Parse(Go(n)).Count);
        AtAndPast(CargoReport.CasesMax, n => CargoReport.Parse(Cargo(n)).Count);
        AtAndPast(TscReport.CasesMax, n => TscReport.Parse(Tsc(n), "/w").Count);
        AtAndPast(TrxReport.CasesMax, n => Trx(Xml(n)).Count);
    }

    [Fact]
    public void Reports_LengthAtTheLimitAndPast()
    {
        var line = new string(' ', GoReport.CharsMax);
        Assert.Empty(GoReport.Parse(line));
        Assert.Empty(CargoReport.Parse(line));
        Assert.Empty(TscReport.Parse(line, "/w"));
        Assert.Throws<TestReportException>(() => GoReport.Parse(line + " "));
        Assert.Throws<TestReportException>(() => CargoReport.Parse(line + " "));
        Assert.Throws<TestReportException>(() => TscReport.Parse(line + " ", "/w"));
    }

    private static void AtAndPast(int max, Func<int, int> count)
    {
        Assert.Equal(max, count(max));
        Assert.Throws<TestReportException>(() => count(max + 1));
    }

    private static string Lines(int count, Func<int, string> line)
    {
        var text = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            text.Append(line(i)).Append('\n');
        }
        return text.ToString();
    }

    private static List<TestCase> Trx(string xml) => TrxReport.Parse(new StringReader(xml));
}
