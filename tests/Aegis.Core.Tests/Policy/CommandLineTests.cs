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
    [InlineData("git diff HEAD~1 a#b x=~y", null)]
    [InlineData("git diff HEAD~1 a#b --x=y", "First git|diff|HEAD~1|a#b|--x=y")]
    [InlineData("a\n", "First a")]
    [InlineData("a 'b\nc'\n\n", "First a|b\nc")]
    [InlineData("a b\\ ", "First a|b ")]
    [InlineData("[ -f a ]", "First [|-f|a|]")]
    [InlineData("é ñ", "First é|ñ")]
    public void Parse_Line_GivesWhatTheShellWouldRun(string line, string? expected)
    {
        var result = CommandLine.Parse(line);
        Assert.Equal(expected, result.Error is not null ? null
            : string.Join("; ", result.Commands.Select(c => $"{c.Join} {string.Join('|', c.Argv)}")));
    }

    [Theory]
    [InlineData("a $x", 3, "$")]
    [InlineData("a \"$x\"", 4, "$")]
    [InlineData("a $(b)", 3, "$")]
    [InlineData("a `b`", 3, "`")]
    [InlineData("a \"`b`\"", 4, "`")]
    [InlineData("a > b", 3, ">")]
    [InlineData("a 2>&1", 4, ">")]
    [InlineData("a < b", 3, "<")]
    [InlineData("a << b", 3, "<")]
    [InlineData("a & b", 3, "&")]
    [InlineData("a |& b", 4, "&")]
    [InlineData("(a)", 1, "(")]
    [InlineData("a {b,c}", 3, "{")]
    [InlineData("{ a; }", 1, "{")]
    [InlineData("a\nb", 2, "U+000A")]
    [InlineData("a \\\nb", 3, "\\")]
    [InlineData("a \"b\\\nc\"", 5, "\\")]
    [InlineData("a # b", 3, "#")]
    [InlineData("ls ~", 4, "~")]
    [InlineData("ls ~root/x", 4, "~")]
    [InlineData("a b=~", 5, "~")]
    [InlineData("a b:~/c", 5, "~")]
    [InlineData("a \rb", 3, "U+000D")]
    [InlineData("a '\u0001'", 4, "U+0001")]
    [InlineData("a b\\", 4, "\\")]
    public void Parse_BeyondTheGrammar_NamesCharacterAndColumn(string line, int column, string got)
    {
        var error = CommandLine.Parse(line).Error;
        Assert.Equal(("AEGIS1130", got), (error?.Code, error?.Got));
        Assert.EndsWith($"(column {column})", error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_Variable_SaysHowToMend() => Assert.Equal(
        new AegisError("AEGIS1130", "the command line holds a variable or substitution (column 6)",
            "words, quotes, &&, ||, ; and |",
            "$", "quote it with ' where it is meant literally; pass values by env"),
        CommandLine.Parse("echo $HOME").Error);

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
    [InlineData("A=1 b", "AEGIS1130")]
    [InlineData("A+=1", "AEGIS1130")]
    [InlineData("a[0]=1", "AEGIS1130")]
    [InlineData("a[ x ; rm ]=1", "AEGIS1130")]
    [InlineData("if a", "AEGIS1130")]
    [InlineData("a && ! b", "AEGIS1130")]
    [InlineData("time a", "AEGIS1130")]
    [InlineData("/bin/l* a", "AEGIS1130")]
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
