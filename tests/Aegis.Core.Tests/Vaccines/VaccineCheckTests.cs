using Aegis.Core.Languages;
using Aegis.Core.Vaccines;
using Aegis.Core.Vaccines.Checks;

namespace Aegis.Core.Tests.Vaccines;

public sealed class VaccineCheckTests
{
    private const string Concat = """{"kind":"pattern","regex":"SELECT[^\"\\n]*\"\\s*\\+"}""";

    [Theory]
    [InlineData("q = \"SELECT a FROM t WHERE b = '\" + c;", true)]
    [InlineData("// q = \"SELECT a FROM t WHERE b = \" + c;", false)]
    [InlineData("/* \"SELECT a\" + c */ run();", false)]
    [InlineData("it('no \"SELECT a\" + c here', f);", false)]
    [InlineData("q = /\\/\\*/; r = \"SELECT a\" + c;", true)]
    [InlineData("u = 'http://x'; r = \"SELECT a\" + c;", true)]
    [InlineData("/* SELECT */ r = \"SELECT a\" + c;", true)]
    [InlineData("r = `x ${f(\"SELECT a\" + c)} y`;", true)]
    public void Pattern_SeesCode_AndNotWhatTalksOfIt(string code, bool isHit) =>
        Assert.Equal(isHit, Hit(Concat, "a.js", code) is not null);

    [Fact]
    public void Pattern_LeavesAloneWhatStoodThere()
    {
        const string Old = "a = \"SELECT a\" + b;\n";
        var check = Check(Concat);
        Assert.Null(check.Find(new ReadFile(new ProposedFile("a.js", Old + "fine();\n", Old))));
        var hit = check.Find(new ReadFile(new ProposedFile("a.js", Old + "c = \"SELECT c\" + d;\n", Old)));
        Assert.Equal((2, 6), (hit!.Value.Line, hit.Value.Column));
        // the same words once more are a mistake once more
        Assert.NotNull(check.Find(new ReadFile(new ProposedFile("a.js", Old + Old, Old))));
    }

    [Theory]
    [InlineData("(?=a)b", "AEGIS2621")]
    [InlineData("(a)\\1", "AEGIS2621")]
    [InlineData("a*", "AEGIS2621")]
    [InlineData("(", "AEGIS2621")]
    [InlineData("(a{40}){26}", "AEGIS2621")]
    [InlineData("a{1000}", null)]
    [InlineData("a{1001}", "AEGIS2621")]
    [InlineData("(a{40}){25}", null)]
    public void Pattern_ThatCannotBeUsed_IsRefused(string regex, string? code) =>
        Assert.Equal(code, PatternCheck.Read("**/*.js", regex).Error?.Code);

    [Fact]
    public void Pattern_IsRead_AtItsBound_AndNotPastIt()
    {
        Assert.Null(PatternCheck.Read("*.js", new string('a', VaccineLimits.RegexCharsMax)).Error);
        Assert.NotNull(PatternCheck.Read("*.js", new string('a', VaccineLimits.RegexCharsMax + 1)).Error);
        Assert.Null(PatternCheck.Read(new string('a', VaccineLimits.CheckTextCharsMax), "a").Error);
        Assert.NotNull(PatternCheck.Read(new string('a', VaccineLimits.CheckTextCharsMax + 1), "a").Error);
        Assert.Null(CommandCheck.Read("g " + new string('a', VaccineLimits.CheckTextCharsMax - 2)).Error);
        Assert.NotNull(CommandCheck.Read("g " + new string('a', VaccineLimits.CheckTextCharsMax - 1)).Error);
    }

    [Theory]
    [InlineData(VaccineLimits.PlacesMax, true)]
    [InlineData(VaccineLimits.PlacesMax + 1, false)]
    public void Places_AreComparedUpToTheBound_AndTheNextIsFound(int before, bool isFound)
    {
        var old = string.Concat(Enumerable.Repeat("eval(x)\n", before));
        var hit = PatternCheck.Read("*.js", "eval").Check!.Find(
            new ReadFile(new ProposedFile("a.js", old + "eval(x)\n", old)));
        Assert.Equal(isFound ? before + 1 : null, hit?.Line);
    }

    [Theory]
    [InlineData("git push --force", true)]
    [InlineData("/usr/bin/git -C x push origin \"--fo\"'rce'", true)]
    [InlineData("cd a && \\git pu\"\"sh --force=yes", true)]
    [InlineData("sh -c 'git push --force'", true)]
    [InlineData("sudo -n env A=1 git push --force", true)]
    [InlineData("echo $(git push --force)", true)]
    [InlineData("git push", false)]
    [InlineData("echo git push --force", false)]
    [InlineData("git commit -m 'git push --force'", false)]
    public void Command_IsJudgedAsTheShellReadsIt(string line, bool isHit) => Assert.Equal(isHit,
        Check("""{"kind":"command","command":"git push --force"}""").Find(new ReadCommand(line)) is not null);

    [Theory]
    [InlineData("npm install left-pad event-stream@3.3.6", true)]
    [InlineData("npm i --save 'event-stream'", true)]
    [InlineData("npx event-stream", true)]
    [InlineData("yarn add alias@npm:event-stream@3.3.6", true)]
    [InlineData("npm i event-stream@^3.3.5", true)]
    [InlineData("npm i event-stream@3.3.4", false)]
    [InlineData("npm i event-stream@4", false)]
    [InlineData("npm i event-streams", false)]
    [InlineData("pip install event-stream", false)]
    [InlineData("echo npm install event-stream", false)]
    public void Dependency_OnACommandLine(string line, bool isHit) => Assert.Equal(isHit,
        Check(EventStream).Find(new ReadCommand(line)) is not null);

    [Theory]
    [InlineData("package.json", """{"dependencies":{"event-stream":"^3.3.0"}}""", true)]
    [InlineData("web/package.json", """{"devDependencies":{"x":"npm:event-stream@3.3.6"}}""", true)]
    [InlineData("package.json", """{"dependencies":{"event-stream":"4.0.1"}}""", false)]
    [InlineData("package.json", """{"description":"event-stream 3.3.6"}""", false)]
    public void Dependency_InAManifest(string path, string text, bool isHit) =>
        Assert.Equal(isHit, Hit(EventStream, path, text) is not null);

    [Theory]
    [InlineData("pypi", "Jeilyfish", "requirements.txt",
        "requests==2\njeilyfish>=0.7 ; python_version > '3'\n")]
    [InlineData("pypi", "a-b", "pyproject.toml", "[project]\ndependencies = [\n  \"A_B[x]>=1\",\n]\n")]
    [InlineData("pypi", "a-b", "pyproject.toml",
        "[tool.poetry.dependencies]\npython = \"^3\"\na_b = \"^1\"\n")]
    [InlineData("nuget", "Bad.Log", "src/a.csproj",
        "<ItemGroup><PackageReference Include=\"bad.log\" Version=\"1\" />")]
    [InlineData("go", "example.com/bad", "go.mod", "module m\nrequire (\n\texample.com/bad v1.2.3\n)\n")]
    [InlineData("cargo", "rust-decimal", "Cargo.toml",
        "[dependencies]\nrust_decimal = { version = \"1\" }\n")]
    [InlineData("cargo", "bad", "Cargo.toml", "[dependencies.bad]\nversion = \"1\"\n")]
    public void Dependency_InEveryManifest(string ecosystem, string name, string path, string text)
    {
        var check = DependencyCheck.Read(ecosystem, name, null).Check!;
        Assert.NotNull(check.Find(new ReadFile(new ProposedFile(path, text))));
        Assert.Null(check.Find(new ReadFile(new ProposedFile(path, text, text))));
        Assert.Null(DependencyCheck.Read(ecosystem, name + "x", null).Check!.Find(
            new ReadFile(new ProposedFile(path, text))));
    }

    [Theory]
    [InlineData("""{"kind":"pattern"}""")]
    [InlineData("""{"kind":"hope","regex":"a"}""")]
    [InlineData("""{"kind":"rule","rule":"a","more":"b"}""")]
    [InlineData("""{"kind":"rule","rule":"a","rule":"b"}""")]
    [InlineData("""{"kind":"rule","rule":1}""")]
    [InlineData("""{"kind":"command","command":"a; b"}""")]
    [InlineData("""{"kind":"dependency","ecosystem":"npm","name":"a b"}""")]
    [InlineData("""{"kind":"dependency","ecosystem":"npm","name":"a","range":"soon"}""")]
    [InlineData("[]")]
    [InlineData("{")]
    public void Json_ThatIsNoCheck_IsRefused(string json) =>
        Assert.Equal("AEGIS2621", CheckJson.Read(json).Error?.Code);

    [Theory]
    [InlineData(Concat)]
    [InlineData(EventStream)]
    [InlineData("""{"kind":"rule","rule":"a"}""")]
    [InlineData("""{"kind":"command","command":"git push --force"}""")]
    public void Json_OfACheck_IsTheCheckAgain(string json)
    {
        Assert.Equal(json, Check(json).Json);
        Assert.Equal(Check(json), Check(json));
    }

    /// <summary>Whatever text, the view has its length and its lines, and a second look changes
    /// nothing.</summary>
    [Fact]
    public void View_OfAnyText_KeepsEveryPlace()
    {
        const int Seed = 620;
        var random = new Random(Seed);
        const string Letters = "ab\"'`/*#\\${}\n -@";
        foreach (var language in CodeLanguage.All)
        {
            for (var i = 0; i < 200; i++)
            {
                var text = new string([.. Enumerable.Range(0, random.Next(60)).Select(_ =>
                    Letters[random.Next(Letters.Length)])]);
                var view = CodeView.Of(language, text);
                Assert.Equal(text.Length, view.Length);
                Assert.All(Enumerable.Range(0, text.Length), at =>
                    Assert.True(view[at] == text[at] || (view[at] == ' ' && text[at] != '\n'), text));
            }
        }
    }

    [Theory]
    [InlineData("eval\\s*\\(", "eval")]
    [InlineData("(a|b)password\\s*=", "password")]
    [InlineData("md5x?\\.new", ".new")]
    [InlineData("child_process\\.exec\\(", "child_process.exec(")]
    [InlineData("[a-z]+secret{2}", "secre")]
    [InlineData("SELECT|INSERT", null)]
    [InlineData("(?i)password", null)]
    [InlineData("((?i)a)password", null)]
    [InlineData("\\x41bcd", null)]
    [InlineData("[^]x]abc", "abc")]
    [InlineData("[[a]]abc", null)]
    [InlineData("(abc)?de", null)]
    public void RequiredText_StandsInEveryMatch(string regex, string? text) =>
        Assert.Equal(text, RequiredText.Of(regex));

    /// <summary>Of any expression that is read, no text without the required letters fits.</summary>
    [Fact]
    public void RequiredText_OfAnyExpression_IsInItsMatches()
    {
        var random = new Random(2620);
        string[] pieces =
            ["a", "b", "abc", "(", ")", "[", "]", "[ab]", "*", "+", "?", "|", "\\s", "\\.", ".", "{2}"];
        var read = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var regex = string.Concat(Enumerable.Range(0, random.Next(1, 8)).Select(_ =>
                pieces[random.Next(pieces.Length)]));
            if (PatternCheck.Read("*.txt", regex).Check is null || RequiredText.Of(regex) is not { } required)
            {
                continue;
            }
            read++;
            var text = new string([.. Enumerable.Range(0, 12).Select(_ => "abc. s"[random.Next(6)])]);
            var match = System.Text.RegularExpressions.Regex.Match(text, regex);
            Assert.True(!match.Success || match.Value.Contains(required, StringComparison.Ordinal), regex);
        }
        Assert.True(read > 500, $"{read}");
    }

    private const string EventStream =
        """{"kind":"dependency","ecosystem":"npm","name":"event-stream","range":">=3.3.6 <3.3.7"}""";

    private static VaccineCheck Check(string json) => CheckJson.Read(json).Check!;

    private static CheckHit? Hit(string json, string path, string text) =>
        Check(json).Find(new ReadFile(new ProposedFile(path, text)));
}
