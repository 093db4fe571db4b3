using Aegis.Core.Errors;
using Aegis.Core.Policy;

namespace Aegis.Core.Tests.Policy;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("git status", "First git|status")]
    [InlineData("  git \t status  ", "First git|status")]
    [InlineData("npm ci && npm run build", "First npm|ci; And npm|run|build")]
    [InlineData("a||b;c|d&&e;", "First a; Or b; Then c; Pipe d; And e")]
    [InlineData("a 'b c' \"d e\" f\\ g", "First a|b c|d e|f g")]
    [InlineData("a 'x'\"y\"z\\'", "First a|xyz'")]
    [InlineData("a '' \"\"", "First a||")]
    [InlineData("a '$x `y` \\ \"' ", "First a|$x `y` \\ \"")]
    [InlineData("a \"\\$x \\` \\\" \\\\ \\n 'q'\"", "First a|$x ` \" \\ \\n 'q'")]
    [InlineData("a \\$x \\& \\; \\#", "First a|$x|&|;|#")]
    [InlineData("git diff HEAD~1 a#b --x=y", "First git|diff|HEAD~1|a#b|--x=y")]
    [InlineData("a\n", "First a")]
    [InlineData("a 'b\nc'\n\n", "First a|b\nc")]
    [InlineData("a b\\ ", "First a|b ")]
    [InlineData("[ -f a ]", "First [|-f|a|]")]
    [InlineData("é ñ", "First é|ñ")]
    [InlineData("a $x \"$y\" z$(b c)", "Within b|c; First a|$x|$y|z$(b c)")]
    [InlineData("a `b \\`c\\``", "Within c; Within b|`c`; First a|`b \\`c\\``")]
    [InlineData("a \"$(b \"$(c)\")\"", "Within c; Within b|$(c); First a|$(b \"$(c)\")")]
    [InlineData("a > b 2>&1 < c", "First a > b < c")]
    [InlineData("a &> b; c &>> d; e >| f", "First a &> b; Then c &>> d; Then e >| f")]
    [InlineData("a <<X | b\n$(c) `d`\nX\ne", "First a; Pipe b; Within c; Within d; Then e")]
    [InlineData("a <<'X'\n$(c)\nX\n", "First a")]
    [InlineData("a <<-X\n\tb\n\tX\nc", "First a; Then c")]
    [InlineData("a <<< \"$(b)\"", "Within b; First a")]
    [InlineData("a & b &\nc", "First a; Then b; Then c")]
    [InlineData("a |& b", "First a; Pipe b")]
    [InlineData("(a; b) > c", "First a; Then b; Then > c")]
    [InlineData("{ a; b; }", "First a; Then b")]
    [InlineData("a\nb \\\n c # d\n", "First a; Then b|c")]
    [InlineData("if a; then b; elif c; then d; else e; fi", "First a; Then b; Then c; Then d; Then e")]
    [InlineData("while a; do b; done; until c\ndo d\ndone", "First a; Then b; Then c; Then d")]
    [InlineData("for f in x *.js \"$y\"; do a \"$f\"; done", "Then f=…; Then a|$f")]
    [InlineData("for ((i = 0; i < 3; i++)); do a $i; done", "First ((; Then a|$i")]
    [InlineData("case $x in a|b) c ;; (d) e ;& *) ;; esac", "Then c; Then e; First case")]
    [InlineData("f() { a \"$1\"; }; f b", "Then a|$1; Then f()|b")]
    [InlineData("function g { a; }\ng", "Then a; Then g()")]
    [InlineData("f() ( a ) 2>/dev/null", "Then a; Then > /dev/null")]
    [InlineData("A=1 B=\"$(a)\" c", "Within a; First A=…|B=…|c")]
    [InlineData("x=(a b $(c)); y+=(d)", "Within c; First x=…; Then y=…")]
    [InlineData("[[ -f a && $b == (c|d)* || ! $e =~ ^(f|g)$ ]] && h", "First [[; And h")]
    [InlineData("(( n = 1 )) && a", "First ((; And a")]
    [InlineData("! a && time -p b", "First a; And b")]
    [InlineData("a <(b) >(c)", "Within b; Within c; First a|/dev/fd/N|/dev/fd/N")]
    [InlineData("a ${x:-$(b)} \"${y#*/}\" ${#z} ${w/a/b} ${v[@]}",
        "Within b; First a|${x:-$(b)}|${y#*/}|${#z}|${w/a/b}|${v[@]}")]
    [InlineData("a $'b\\n\\x63\\u0064' {e,f} {g} {}", "First a|b\nc" + "d|{e,f}|{g}|{}")]
    [InlineData("a --x=~/y ~ b:c", "First a|--x=~/y|~|b:c")]
    [InlineData("echo if then fi; a", "First echo|if|then|fi; Then a")]
    [InlineData("a \"${x:-it's}\" b", "First a|${x:-it's}|b")]
    public void Parse_Line_GivesWhatTheShellWouldRun(string line, string expected)
    {
        var result = CommandLine.Parse(line);
        Assert.Null(result.Error);
        Assert.Equal(expected, string.Join("; ", result.Commands.Select(Shown)));
    }

    private static string Shown(SimpleCommand command) => string.Join(' ', new[]
        {
            command.Join.ToString(),
            string.Join('|', command.Assignments.Select(a => a.Name + "=…")
                .Concat(command.Argv.Select((w, i) => i == 0 && command.CallsFunction ? w + "()" : w))),
        }.Where(t => t.Length > 0).Concat(command.Redirections.Select(r => $"{r.Operator} {r.Target.Text}")));

    [Theory]
    [InlineData("a \rb", 3, "U+000D")]
    [InlineData("a '\u0001'", 4, "U+0001")]
    [InlineData("a $[1]", 3, "$[")]
    [InlineData("a <<$x\n$x", 5, "$")]
    [InlineData("/bin/l* a", 1, "/bin/l*")]
    public void Parse_BeyondTheGrammar_NamesCharacterAndColumn(string line, int column, string got)
    {
        var error = CommandLine.Parse(line).Error;
        Assert.Equal(("AEGIS1130", got), (error?.Code, error?.Got));
        Assert.EndsWith($"(column {column})", error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a $((x))", "shell.arithmetic", 6)]
    [InlineData("if a; then x=1; fi; b $((x))", "shell.arithmetic", 26)]
    [InlineData("x=1; read x; b $((x))", "shell.arithmetic", 19)]
    [InlineData("x=1 | y; b $((x))", "shell.arithmetic", 15)]
    [InlineData("a $(( $(b) ))", "shell.arithmetic", 7)]
    [InlineData("[[ $x -eq 1 ]]", "shell.arithmetic", 4)]
    [InlineData("a ${x[y]}", "shell.arithmetic", 7)]
    [InlineData("a ${x:y}", "shell.arithmetic", 7)]
    [InlineData("a ${!x}", "shell.indirect", 5)]
    [InlineData("a ${x@P}", "shell.prompt", 6)]
    [InlineData("[[ -v $x ]]", "shell.subscript", 7)]
    [InlineData("coproc a", "shell.coprocess", 7)]
    public void Parse_WhatEvaluatesUnseenText_IsAHazard(string line, string rule, int column) =>
        Assert.Equal([(rule, column)], CommandLine.Parse(line).Hazards.Select(h => (h.Rule, h.Column)));

    [Theory]
    [InlineData("x=1; a $((x + 1))")]
    [InlineData("x=1; while a; do x=$((x + 1)); done; b $x")]
    [InlineData("for ((i = 0; i < 3; i++)); do a $i; done")]
    [InlineData("for i in 1 2 3; do a $((i * 2)); done")]
    [InlineData("a $((1 + 16#ff)) $(( $# )) ${#x}")]
    [InlineData("f() { local n=0; n=$((n + 1)); }; f")]
    [InlineData("a ${!x[@]} ${!x*}")]
    public void Parse_NumbersThatTheLineSet_AreNoHazard(string line)
    {
        var result = CommandLine.Parse(line);
        Assert.Null(result.Error);
        Assert.Empty(result.Hazards);
    }

    [Theory]
    [InlineData("f", false)]
    [InlineData("f() { a; }; f", true)]
    [InlineData("if a; then f() { b; }; fi; f", false)]
    [InlineData("a && f() { b; }; f", false)]
    [InlineData("(f() { b; }); f", false)]
    [InlineData("f() { b; } | c; f", false)]
    [InlineData("f() { b; } & f", false)]
    [InlineData("a $(f() { b; }); f", false)]
    [InlineData("{ f() { b; }; }; if a; then f; fi", true)]
    [InlineData("f; f() { b; }", false)]
    public void Parse_Function_IsKnownOnlyWhereTheLineHasCertainlyDefinedIt(string line, bool known) =>
        Assert.Equal(known, CommandLine.Parse(line).Commands.Single(c => c.Program == "f").CallsFunction);

    [Theory]
    [InlineData("a $x", WordOpening.Part | WordOpening.AtStart | WordOpening.Splits)]
    [InlineData("a \"$x\"", WordOpening.Part | WordOpening.AtStart)]
    [InlineData("a ./$x", WordOpening.Part | WordOpening.Splits)]
    [InlineData("a ./\"$x\"", WordOpening.Part)]
    [InlineData("a \"$@\"", WordOpening.Part | WordOpening.AtStart | WordOpening.Splits)]
    [InlineData("a ''$x", WordOpening.Part | WordOpening.AtStart | WordOpening.Splits)]
    [InlineData("a \\$x '$x' $'\\x24x'", WordOpening.None)]
    [InlineData("a ~", WordOpening.Part)]
    [InlineData("a {b,c}", WordOpening.Part | WordOpening.AtStart | WordOpening.Splits)]
    [InlineData("a $'\\xff'", WordOpening.Part | WordOpening.AtStart)]
    public void Parse_Word_SaysWhatIsOnlyKnownWhenItRuns(string line, WordOpening open) =>
        Assert.Equal(open, CommandLine.Parse(line).Commands[^1].Words[1].Open);

    [Theory]
    [InlineData("", "AEGIS1133")]
    [InlineData("  \n", "AEGIS1133")]
    [InlineData("&& a", "AEGIS1133")]
    [InlineData("a &&", "AEGIS1133")]
    [InlineData("a | | b", "AEGIS1133")]
    [InlineData("a ;; b", "AEGIS1133")]
    [InlineData(";", "AEGIS1133")]
    [InlineData("'' a", "AEGIS1133")]
    [InlineData("a 'b", "AEGIS1131")]
    [InlineData("a \"b", "AEGIS1131")]
    [InlineData("a[ x ; rm ]=1", "AEGIS1133")]
    [InlineData("if a", "AEGIS1133")]
    [InlineData("if a; then fi", "AEGIS1133")]
    [InlineData("a; done", "AEGIS1133")]
    [InlineData("for x in a; b; done", "AEGIS1133")]
    [InlineData("(a", "AEGIS1133")]
    [InlineData("a)", "AEGIS1133")]
    [InlineData("{ a }", "AEGIS1133")]
    [InlineData("a $(b", "AEGIS1133")]
    [InlineData("a `b", "AEGIS1131")]
    [InlineData("a ${b", "AEGIS1133")]
    [InlineData("a ${b:-", "AEGIS1131")]
    [InlineData("a <<X\nb", "AEGIS1131")]
    [InlineData("a <<X", "AEGIS1131")]
    [InlineData("a >", "AEGIS1133")]
    [InlineData("a > ;", "AEGIS1133")]
    [InlineData("[[ a", "AEGIS1133")]
    [InlineData("(( a )", "AEGIS1133")]
    [InlineData("f() a", "AEGIS1133")]
    [InlineData("f(x) { a; }", "AEGIS1133")]
    [InlineData("case x in a) b", "AEGIS1133")]
    [InlineData("a b\\", "AEGIS1131")]
    [InlineData("a $'b", "AEGIS1131")]
    [InlineData("a=((", "AEGIS1133")]
    [InlineData("a=(b (c))", "AEGIS1133")]
    [InlineData("a=([1] (", "AEGIS1133")]
    [InlineData("a=(<", "AEGIS1133")]
    public void Parse_NoSimpleCommand_IsRefused(string line, string code) =>
        Assert.Equal(code, CommandLine.Parse(line).Error?.Code);

    [Fact]
    public void Parse_HalfPair_IsRefused() => Assert.Equal("AEGIS1130", CommandLine.Parse("a \ud800")
        .Error?.Code);

    [Fact]
    public void Parse_Globs_AreMarkedWhereTheShellExpandsThem() => Assert.Equal(
        [
            new CommandWord("a", false, false, 1), new CommandWord("*.js", true, true, 3),
                new CommandWord("x?", true, false, 8),
            new CommandWord("[ab]c", true, true, 11), new CommandWord("*", false, false, 17),
                new CommandWord("?", false, false, 21),
            new CommandWord("[", false, false, 24), new CommandWord("]", false, false, 26),
                new CommandWord("a[b", false, false, 28),
        ],
        CommandLine.Parse("a *.js x? [ab]c '*' \\? [ ] a[b").Commands[0].Words.ToArray());

    [Theory]
    [InlineData(31, null)]
    [InlineData(32, "AEGIS1132")]
    public void Parse_Nesting_UpToTheLimit(int depth, string? code) => Assert.Equal(code, CommandLine.Parse(
        new string('(', 1) + string.Concat(Enumerable.Repeat(" (", depth - 1)) + "a"
        + string.Concat(Enumerable.Repeat(")", depth))).Error?.Code);

    [Theory]
    [InlineData(65_536, null)]
    [InlineData(65_537, "AEGIS1132")]
    public void Parse_Length_UpToTheLimit(int length, string? code) =>
        Assert.Equal(code, CommandLine.Parse(new string('a', length)).Error?.Code);

    [Theory]
    [InlineData(256, null)]
    [InlineData(257, "AEGIS1132")]
    public void Parse_Commands_UpToTheLimit(int count, string? code) =>
        Assert.Equal(code, CommandLine.Parse(string.Join(';', Enumerable.Repeat("a", count))).Error?.Code);

    [Theory]
    [InlineData(4_096, null)]
    [InlineData(4_097, "AEGIS1132")]
    public void Parse_Words_UpToTheLimit(int count, string? code) =>
        Assert.Equal(code, CommandLine.Parse(string.Join(' ', Enumerable.Repeat("a", count))).Error?.Code);
}
