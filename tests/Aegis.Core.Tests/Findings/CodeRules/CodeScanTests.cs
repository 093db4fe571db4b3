using Aegis.Core.Findings;
using Aegis.Core.Findings.CodeRules;
using Aegis.Core.Findings.CodeRules.Lexing;

namespace Aegis.Core.Tests.Findings.CodeRules;

public sealed class CodeScanTests
{
    [Fact]
    public void Rules_TheirExamples_DoWhatTheySay() => Assert.Empty(CodeRuleSet.BrokenExamples());

    [Fact]
    public void Rules_AllOfThem_HaveExamplesAndSayHowToMend()
    {
        Assert.All(CodeRuleSet.All, rule =>
        {
            Assert.Matches("^aegis-(js|py|cs|sh|sql)-[a-z-]+$", rule.Id);
            Assert.NotEmpty(rule.Bad);
            Assert.NotEmpty(rule.Good);
            Assert.True(rule.Cwe > 0 && rule.Mend.Length > 0);
        });
        Assert.Equal(CodeRuleSet.All.Length, CodeRuleSet.All.Select(rule => rule.Id).Distinct().Count());
    }

    [Fact]
    public void Of_AnInjectionThroughALocalVariable_IsFoundWhereItReachesTheCall()
    {
        var finding = Assert.Single(CodeScan.Of("src/todos.js", """
            export function find(db, title) {
              const sql = "SELECT * FROM todos WHERE title = '" + title + "'";
              return db.prepare(sql).all();
            }
            """));
        Assert.Equal(new Finding("aegis-js-sql-injection", "code", FindingSeverity.Error, "src/todos.js", 3,
            13,
            "a value becomes part of an SQL statement's text (CWE-89)",
            "write a place holder (? or $1) and pass the value beside the statement"), finding);
    }

    [Theory]
    [InlineData("notes.md")]
    [InlineData("data.json")]
    public void Of_AFileThatIsNoCode_HasNoFindings(string path) =>
        Assert.Empty(CodeScan.Of(path, "db.query('SELECT * FROM t WHERE a = ' + a)"));

    public static TheoryData<string, string> Hostile { get; } = new()
    {
        { "js", "(" }, { "js", "a=" }, { "js", "`${" }, { "js", "/[" }, { "js", "f(a+" }, { "js", "{" },
        { "js", "x=`${+a+" }, { "js", "x=`${" }, { "js", "f(`${+" }, { "js", "x=+(" }, { "js", "a+`${b+" },
        { "py", "x=f\"{" }, { "py", "f(f'{+" }, { "cs", "x=$\"{" }, { "cs", "F($\"{a+" },
        { "js", "db.query('SELECT '+" }, { "js", "x.append(1)" }, { "js", "\"" }, { "js", "/*" },
        { "py", "f\"{" }, { "py", "def f(" }, { "py", "'''" }, { "py", " \n" }, { "py", "a=b+" },
        { "py", "eval(" }, { "cs", "$\"{" }, { "cs", "\"\"\"\"" }, { "cs", "a<b<" }, { "cs", "s.Append(a)" },
        { "sh", "$(" }, { "sh", "\"" }, { "sh", "${" }, { "sh", "a" }, { "sh", "eval $a" },
        { "sql", "EXEC " }, { "sql", "'" }, { "sql", "a:=" }, { "sql", "EXECUTE 'a'||" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Of_TenMegabytesOfHostileText_Ends(string ending, string piece)
    {
        var text = string.Concat(Enumerable.Repeat(piece, 10_000_000 / piece.Length));
        // work that grows with the square of such a text would take days
        Assert.InRange(CodeScan.Of($"x.{ending}", text).Length, 0, CodeScan.FindingsMax + 1);
    }

    [Theory]
    [InlineData("js", "const v = `${+m + 1}.0.0`;\ndb.run(`${-a} ${+b}`);")]
    [InlineData("py", "v = f'{+m + 1}.0'\nrun(f'{+a}' + f'{-b}')\n")]
    [InlineData("cs", "var v = $\"{+m + 1}.0\";\nrun($\"{+a}\" + b);")]
    public void Of_ASignInAHoleThatHasNoLeftSide_IsRead(string ending, string code) =>
        Assert.Empty(CodeScan.Of($"x.{ending}", code));

    [Theory]
    [InlineData(ValueReader.DepthMax - 1, false)]
    [InlineData(ValueReader.DepthMax, true)]
    public void Of_HolesInHoles_AreReadToTheLimitAndOnePastItSaysThatTheyWereNot(int holes, bool isUnread)
    {
        var text = "x = " + string.Concat(Enumerable.Repeat("`${", holes)) + "a"
            + string.Concat(Enumerable.Repeat("}`", holes)) + ";";
        Assert.Equal(isUnread, CodeScan.Of("x.js", text).Any(f => f.Rule == CodeScan.UnreadRule));
    }

    [Theory]
    [InlineData("app/login.py", FindingSeverity.Error)]
    [InlineData("tests/test_login.py", FindingSeverity.Note)]
    [InlineData("fixtures/users.py", FindingSeverity.Note)]
    public void Of_APasswordOfATest_BlocksNothing(string path, FindingSeverity severity) =>
        Assert.Equal(severity, Assert.Single(CodeScan.Of(path, "password = 'S3cret-pass1'\n")).Severity);

    [Fact]
    public void Of_AsManyWordsAsTheLimit_IsReadAndOnePastItSaysThatItWasNot()
    {
        var text = string.Concat(Enumerable.Repeat("a;", CodeLexer.TokensMax / 2));
        Assert.Empty(CodeScan.Of("a.js", text));
        Assert.Equal(CodeScan.UnreadRule, Assert.Single(CodeScan.Of("a.js", text + "a")).Rule);
    }

    [Theory]
    [InlineData(CodeScan.FindingsMax)]
    [InlineData(CodeScan.FindingsMax + 1)]
    public void Of_ManyFindings_TellsUpToTheLimit(int lines) => Assert.Equal(CodeScan.FindingsMax,
        CodeScan.Of("a.js", string.Concat(Enumerable.Repeat("eval(x);\n", lines))).Length);

    [Fact]
    public void Of_AFileAtTheLimit_IsReadAndOnePastItSaysThatItWasNot()
    {
        var text = "eval(x);" + new string(' ', CodeScan.CharsMax - 8);
        Assert.Equal("aegis-js-code-injection", Assert.Single(CodeScan.Of("a.js", text)).Rule);
        Assert.Equal(CodeScan.UnreadRule, Assert.Single(CodeScan.Of("a.js", text + " ")).Rule);
    }
}
