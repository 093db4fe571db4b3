using System.Diagnostics;
using System.Globalization;
using System.Text;
using Aegis.Cli;
using Aegis.Cli.Expr;

namespace Aegis.Server.Tests;

/// <summary><c>aegis expr</c>, which needs no server.</summary>
public sealed class ExprCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("aegis-expr-").FullName;
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();

    public void Dispose()
    {
        Directory.Delete(folder, recursive: true);
        output.Dispose();
        error.Dispose();
    }

    [Theory]
    [InlineData("github.ref == 'REFS/heads/main'", """{"kind":"boolean","value":true}""")]
    [InlineData("${{ github.labels.*.name }}", """{"kind":"array","value":["bug","ui"]}""")]
    [InlineData("github.none", """{"kind":"null","value":null}""")]
    [InlineData("0x10", """{"kind":"number","value":16}""")]
    [InlineData("NaN", """{"kind":"number","value":"NaN"}""")]
    [InlineData("toJSON(github.labels[0])", """{"kind":"string","value":"{\n  \"name\": \"bug\"\n}"}""")]
    [InlineData("success() && !cancelled()", """{"kind":"boolean","value":true}""")]
    public async Task Expr_AValue_IsOneLineOfJson(string text, string expected)
    {
        Assert.Equal(0, await AegisAsync("expr", text, "--context", Context(), "--json"));
        Assert.Equal(expected + "\n", output.ToString());
    }

    [Theory]
    [InlineData("github.", "parsing", "AEGIS1081")]
    [InlineData("env.X", "parsing", "AEGIS1083")]
    [InlineData("1 + 1", "lexing", "AEGIS1080")]
    [InlineData("fromJSON('')", "evaluation", "AEGIS1093")]
    [InlineData("hashFiles('x')", "evaluation", "AEGIS1089")]
    public async Task Expr_AnError_HasItsKind_AndStatus1(string text, string kind, string code)
    {
        Assert.Equal(1, await AegisAsync("expr", text, "--context", Context(), "--json"));
        Assert.StartsWith($$"""{"error":{"kind":"{{kind}}","message":"{{code}}: """, output.ToString(),
            StringComparison.Ordinal);
        Assert.Equal(1, await AegisAsync("expr", text, "--context", Context()));
        Assert.StartsWith($"aegis: {code}: {kind} error: ", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("success", "true false true false")]
    [InlineData("failure", "false true true false")]
    [InlineData("cancelled", "false false true true")]
    public async Task Expr_Status_IsWhatTheStatusFunctionsAnswerBy(string status, string expected)
    {
        Assert.Equal(0, await AegisAsync("expr", "--status", status,
            "format('{0} {1} {2} {3}', success(), failure(), always(), cancelled())"));
        Assert.Equal($"string: \"{expected}\"\n", output.ToString());
    }

    [Fact]
    public async Task Expr_Workspace_IsWhatHashFilesLooksAt()
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "a.lock"), "x");
        Assert.Equal(0, await AegisAsync("expr", "hashFiles('*.lock', '!b*')", "--workspace", folder));
        // SHA-256 of the SHA-256 of "x"
        Assert.Equal("string: \"0a325ca303eb3014c43ae004970f343634db176fa1697bcc8c9efac94626488d\"\n",
            output.ToString());
        output.GetStringBuilder().Clear();
        Assert.Equal(0, await AegisAsync("expr", "hashFiles('none')", "--workspace", folder, "--json"));
        Assert.Equal("""{"kind":"string","value":""}""" + "\n", output.ToString());
    }

    [Theory]
    [InlineData("expr")]
    [InlineData("expr", "1", "--batch", "-")]
    [InlineData("expr", "1", "2")]
    [InlineData("expr", "1", "--status", "lost")]
    [InlineData("expr", "1", "--context", "/no/such/file")]
    [InlineData("expr", "1", "--workspace", "/no/such/folder")]
    [InlineData("expr", "--batch", "/no/such/file")]
    [InlineData("expr", "--batch", "-", "--context", "/no/such/file")]
    public async Task Expr_WrongUsage_Is2(params string[] arguments)
    {
        Assert.Equal(2, await AegisAsync(arguments));
        Assert.StartsWith("aegis: AEGIS700", error.ToString(), StringComparison.Ordinal);
        Assert.Equal("", output.ToString());
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("{")]
    [InlineData("{\"\\ud800\": 1}")]
    public async Task Expr_ContextThatIsNoObject_Is2(string json)
    {
        var file = Path.Combine(folder, "context.json");
        await File.WriteAllTextAsync(file, json);
        Assert.Equal(2, await AegisAsync("expr", "1", "--context", file));
        Assert.Contains("AEGIS7004", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Batch_AnyLines_AreAnsweredOneForOneInOrder()
    {
        var file = Path.Combine(folder, "batch");
        await File.WriteAllTextAsync(file, """
            {"expr":"a.b","contexts":{"a":{"b":1}}}
            {"expr":"a","contexts":{}}
            not json

            {"contexts":{}}
            {"expr":5}
            {"expr":"1","contexts":[]}
            {"expr":"'\ud800'"}
            {"contexts":null,"expr":"${{ 'é' }}"}
            {"expr":"'"}
            """.Replace("\n", "\r\n", StringComparison.Ordinal));
        Assert.Equal(0, await AegisAsync("expr", "--batch", file));
        Assert.Equal(
            [
                "number", "parsing", "input", "input", "input", "input", "input", "input", "string", "lexing",
            ],
            output.ToString().TrimEnd('\n').Split('\n').Select(KindOf));
    }

    [Theory]
    [InlineData(0, "string")]
    [InlineData(1, "input")]
    public void Batch_LineOfTheLargestLength_IsRead_AndOneByteMoreIsNot(int more, string kind)
    {
        const string Head = "{\"expr\":\"'x'\",\"contexts\":{\"a\":\"";
        var line = Head + new string('a', BatchLines.LineBytesMax - Head.Length - 3 + more) + "\"}}";
        Assert.Equal(BatchLines.LineBytesMax + more, line.Length);
        var text = $"{line}\n{{\"expr\":\"1\"}}\n{line}";
        using var input = new MemoryStream(Encoding.UTF8.GetBytes(text));
        new ExpressionBatch(default, null).Answer(input, output, CancellationToken.None);
        Assert.Equal([kind, "number", kind], output.ToString().TrimEnd('\n').Split('\n').Select(KindOf));
    }

    [Fact]
    public async Task Batch_FromAPipe_AnswersBeforeItWaitsForMore()
    {
        using var process = StartBatch();
        foreach (var number in new[] { 1, 2, 3 })
        {
            await process.StandardInput.WriteLineAsync($"{{\"expr\":\"{number}\"}}");
            await process.StandardInput.FlushAsync();
            Assert.Equal($"{{\"kind\":\"number\",\"value\":{number}}}",
                await process.StandardOutput.ReadLineAsync());
        }
        process.StandardInput.Close();
        Assert.Null(await process.StandardOutput.ReadLineAsync());
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task Batch_ManyLines_TakesNoMoreMemoryThanFewDo()
    {
        const int Lines = 100_000;
        const int MebibytesMax = 140;
        // about 200 MB in all
        var line = "{\"expr\":\"contains(a.*.n, 'y')\",\"contexts\":{\"a\":[{\"n\":\"y\"},\""
            + new string('x', 2_000) + "\"]}}";
        using var process = StartBatch();
        var counting = CountAsync(process.StandardOutput, Lines);
        for (var i = 0; i < Lines; i++)
        {
            await process.StandardInput.WriteLineAsync(line);
        }
        await process.StandardInput.FlushAsync();
        Assert.Equal(Lines, await counting);
        var peak = (await File.ReadAllLinesAsync($"/proc/{process.Id}/status"))
            .Single(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        var kibibytes = int.Parse(peak.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
            CultureInfo.InvariantCulture);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        Assert.InRange(kibibytes >> 10, 1, MebibytesMax);
    }

    private static async Task<int> CountAsync(StreamReader answers, int lines)
    {
        var right = 0;
        for (var i = 0; i < lines; i++)
        {
            right += await answers.ReadLineAsync() == """{"kind":"boolean","value":true}""" ? 1 : 0;
        }
        return right;
    }

    private static Process StartBatch() => Process.Start(new ProcessStartInfo("dotnet",
        [Path.Combine(AppContext.BaseDirectory, "aegis-cli.dll"), "expr", "--batch", "-"])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!;

    private static string KindOf(string answer) =>
        answer.Split('"') switch
        {
            ["{", "kind", ":", var kind, ..] => kind,
            ["{", "error", ":{", "kind", ":", var kind, ..] => kind,
            _ => answer,
        };

    private string Context()
    {
        var file = Path.Combine(folder, "context.json");
        File.WriteAllText(file,
            """{"github": {"ref": "refs/heads/main", "labels": [{"name": "bug"}, {"name": "ui"}]}}""");
        return file;
    }

    private Task<int> AegisAsync(params string[] arguments) => CommandLine.InvokeAsync(arguments,
        new Terminal(output, error, false, 100, _ => null), CancellationToken.None);
}
