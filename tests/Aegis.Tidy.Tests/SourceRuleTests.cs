using System.Text.RegularExpressions;

namespace Aegis.Tidy.Tests;

/// <summary>Rules of the house that a line of source shows.</summary>
public sealed partial class SourceRuleTests
{
    private const int LinesMax = 500;
    private const int ColumnsMax = 110;

    // the rules of the code scan carry, as strings, examples of what they find
    private const string CodeRules = "src/Aegis.Core/Findings/CodeRules/Rules/";

    private static IEnumerable<string> Product => WithoutExamples("src/", "sdk/", "bench/");

    private static IEnumerable<string> Everything => SourceTree.In(".cs", "src/", "sdk/", "bench/", "tests/");

    // this file holds examples of what it looks for
    private static IEnumerable<string> Self => ["tests/Aegis.Tidy.Tests/SourceRuleTests.cs"];

    [Fact]
    public void Processes_AreStarted_InOneRoom() =>
        Finding.None(Finding.Of(ProcessStart(), Product.Where(f => !f.StartsWith("src/Aegis.Processes/"))));

    [Fact]
    public void Npgsql_IsKnown_ToTheLedgerAlone() =>
        Finding.None(Finding.Of(NpgsqlUse(),
            WithoutExamples("src/", "sdk/").Where(f => !f.StartsWith("src/Aegis.Ledger/"))));

    [Fact]
    public void Sql_StandsInSqlFiles() =>
        Finding.None(Finding.Of(SqlInString(), WithoutExamples("src/")));

    [Fact]
    public void Tools_ReachTheWorld_ThroughTheirExecutionAlone() =>
        Finding.None(Finding.Of(WorldInTool(),
            SourceTree.In(".cs", "src/Aegis.Tools/", "src/Aegis.Agents/")));

    [Fact]
    public void Core_IsPure() =>
        Finding.None(Finding.Of(ImpureInCore(), WithoutExamples("src/Aegis.Core/")));

    [Fact]
    public void Files_AreShort() =>
        Finding.None(Everything.Select(f => (File: f, Lines: SourceTree.Lines(f).Length))
            .Where(f => f.Lines > LinesMax).Select(f => $"{f.File}: {f.Lines} lines"));

    [Fact]
    public void Lines_FitTheWidth() =>
        Finding.None(Everything.SelectMany(f => SourceTree.Lines(f)
            .Select((line, i) => (line.Length, Place: $"{f}:{i + 1}"))
            .Where(l => l.Length > ColumnsMax).Select(l => $"{l.Place}: {l.Length} columns")));

    [Fact]
    public void Names_SayTheDuty() => Finding.None(Finding.Of(EmptyName(), Everything.Except(Self)));

    [Fact]
    public void Tests_WaitOnSignals_AndAreNeverSkipped() =>
        Finding.None(Finding.Of(WaitOrSkip(), SourceTree.In(".cs", "tests/").Except(Self)));

    [Fact]
    public void Warnings_SwitchedOff_SayWhy() =>
        Finding.None(Finding.Of(WarningOff(), Everything.Except(Self)));

    [Theory]
    [InlineData("using var p = Process.Start(info);", true)]
    [InlineData("var info = new ProcessStartInfo(\"git\");", true)]
    [InlineData("launcher.Start(request); // never Processes", false)]
    public void ProcessStart_IsRecognised(string line, bool found) =>
        Assert.Equal(found, ProcessStart().IsMatch(line));

    [Theory]
    [InlineData("= \"SELECT 1\";", true)]
    [InlineData("= \"\"\"insert into events\"", true)]
    [InlineData("= $\"ALTER ROLE {name}\"", true)]
    [InlineData("\"Select a plan first\"", false)]
    [InlineData("\"as administrator: ALTER ROLE … NOSUPERUSER\"", false)]
    [InlineData("Sql.Get(\"events/append\")", false)]
    public void SqlInString_IsRecognised(string line, bool found) =>
        Assert.Equal(found, SqlInString().IsMatch(line));

    [Theory]
    [InlineData("var folder = Directory.GetFiles(root);", true)]
    [InlineData("return File.ReadAllText(path);", true)]
    [InlineData("\"Directory.Packages.props\" or \"Directory.Build.props\"", false)]
    public void ImpureInCore_IsRecognised(string line, bool found) =>
        Assert.Equal(found, ImpureInCore().IsMatch(line));

    [Theory]
    [InlineData("public sealed class RunManager(", true)]
    [InlineData("internal sealed record GitUtil;", true)]
    [InlineData("sealed class LeaseService : BackgroundService", true)]
    [InlineData("sealed class LeaseRenewer : BackgroundService", false)]
    public void EmptyName_IsRecognised(string line, bool found) =>
        Assert.Equal(found, EmptyName().IsMatch(line));

    private static IEnumerable<string> WithoutExamples(params string[] folders) =>
        SourceTree.In(".cs", folders).Where(f => !f.StartsWith(CodeRules));

    [GeneratedRegex(@"\bProcess\.Start\b|\bnew Process\b|\bProcessStartInfo\b")]
    private static partial Regex ProcessStart();

    [GeneratedRegex(@"\busing Npgsql\b|\bNpgsql\.|\bNpgsql[A-Z]\w*\b")]
    private static partial Regex NpgsqlUse();

    [GeneratedRegex("\"\\s*("
        + @"SELECT\s|INSERT INTO\s|UPDATE \w+ SET\s|DELETE FROM\s"
        + @"|CREATE (TABLE|DATABASE|ROLE|INDEX)\s|ALTER \w+ [\w{]"
        + @"|GRANT\s|DROP \w+\s|TRUNCATE\s|select .* from\s|insert into\s|update \w+ set\s|delete from\s"
        + @"|alter (table|role|database)\s|create (table|role|database)\s)")]
    private static partial Regex SqlInString();

    [GeneratedRegex(@"\bHttpClient\b|\bSocket\b|\bTcpClient\b|\bAegis\.Processes\b|\bProcess\.")]
    private static partial Regex WorldInTool();

    [GeneratedRegex(@"\bFile\.|\bDirectory\.(?!(Packages|Build)\.props)|\bEnvironment\.Get|\bGuid\.NewGuid"
        + @"|\bRandom\.Shared|\bHttpClient\b|\bTimeProvider\b|\bTask\.Run\b|\basync\s")]
    private static partial Regex ImpureInCore();

    [GeneratedRegex(@"\b(class|record|struct|interface|enum)\s+"
        + @"\w*(Manager|Helpers?|Utils?|Common|Impl|Service)\b")]
    private static partial Regex EmptyName();

    [GeneratedRegex(@"\bTask\.Delay\((?!Timeout\.Infinite)|\bThread\.Sleep\b|\bSkip\s*=")]
    private static partial Regex WaitOrSkip();

    [GeneratedRegex(@"#pragma warning disable(?!.*//)|\bSuppressMessage\b")]
    private static partial Regex WarningOff();
}
