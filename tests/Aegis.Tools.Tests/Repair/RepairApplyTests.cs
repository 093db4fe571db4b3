using System.Text.Json;
using Aegis.Core.Artifacts;
using Aegis.Core.Repairs;
using Aegis.Core.Runs;
using Aegis.Gate;
using Aegis.Tools.Repair;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Repair;

/// <summary>Fixes good and bad, over a project whose tests really run.</summary>
public sealed class RepairApplyTests : IDisposable
{
    private const string Cart = """
        exports.total = (lines) => {
          let sum = 0;
          for (const line of lines) {
            sum += line.price;
          }
          return sum;
        };
        exports.count = (lines) => lines.length;

        """;
    private readonly HostExecution execution;
    private string? report;

    public RepairApplyTests()
    {
        execution = new HostExecution
        {
            OnPut = (put, bytes) =>
            {
                report = System.Text.Encoding.UTF8.GetString(bytes);
                Assert.Equal("failure_report.md", put.Path);
                return null;
            },
        };
        Put("src/cart.js", Cart);
        Put("test/cart.test.js", """
            const test = require('node:test');
            const assert = require('node:assert');
            const cart = require('../src/cart.js');
            test('counts', () => assert.equal(cart.count([{}]), 1));
            test('totals', () => assert.equal(cart.total([{ price: 2, quantity: 3 }]), 6));
            """);
        Put("test/other.test.js", "require('node:test')('other', () => {});\n");
    }

    public void Dispose() => execution.Dispose();

    [Fact]
    public async Task Repair_BadFixesBeforeTheGoodOne_OnlyTheGoodOneIsLeft()
    {
        var result = (await ApplyAsync(
            Fix("src/cart.js", 4, "sum += line.price;", "sum += line.price * line.quantity;", 0.5),
            Fix("src/cart.js", 8, "exports.count = (lines) => lines.length;",
                "exports.count = () => 6;", 0.9),
            Fix("src/cart.js", 4, "sum -= line.price;", "sum = 6;", 0.8),
            Fix("src/cart.js", 1, "exports.total", "exports.never", 0.1))).MustWork();
        AssertStatus("clean", result);
        Assert.Equal(Cart.Replace("line.price;", "line.price * line.quantity;", StringComparison.Ordinal),
            Text("src/cart.js"));
        Assert.Equal("src/cart.js:4", Places(result, "applied"));
        Assert.Equal("AEGIS2698 AEGIS2697", string.Join(' ', result.Output("failed").EnumerateArray()
            .Select(f => f.GetProperty("code").GetString())));
        Assert.Equal(1, result.Output("not_needed").GetInt32());
        Assert.Equal((1, 0), (Failed(result, "tests_before"), Failed(result, "tests_after")));
        Assert.Equal("Proposed 1, Applied 1, RolledBack 1, Proposed 2, Proposed 3, Applied 3",
            string.Join(", ", result.Patches!.Value.Select(p => $"{p.Stage} {p.PatchId}")));
        Assert.Contains("no longer passing: counts", result.Patches.Value[2].Text, StringComparison.Ordinal);
        Assert.StartsWith("---\nbuild_status: clean\nfixes_applied: 1\nfixes_failed: 2\n---\n", report,
            StringComparison.Ordinal);
        Assert.Contains("| before | 2 | 1 | 0 |\n| after | 3 | 0 | 0 |", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repair_NeedingTwoPlaces_TriesThemTogether()
    {
        Put("src/cart.js", Cart.Replace("exports.total = (lines)", "exports.total = (lines, all)",
            StringComparison.Ordinal).Replace("return sum;", "return all ? sum : -1;",
            StringComparison.Ordinal));
        var result = (await ApplyAsync(
            Fix("src/cart.js", 4, "    sum += line.price;", "    sum += line.price * line.quantity;"),
            Fix("src/cart.js", 6, "return all ? sum : -1;", "return sum;"))).MustWork();
        AssertStatus("clean", result);
        Assert.Equal("src/cart.js:4 src/cart.js:6", Places(result, "applied"));
        Assert.Empty(Places(result, "failed"));
        Assert.Equal(2, result.Patches!.Value.Count(p => p.Stage == PatchStage.RolledBack));
    }

    [Fact]
    public async Task Repair_ThatCannotBe_LeavesTheTreeAsItWas()
    {
        var before = Tree();
        var result = (await ApplyAsync(
            Fix("src/cart.js", 4, "sum += line.price;", "sum += 1;"),
            // syntax that breaks the build
            Fix("src/cart.js", 2, "let sum = 0;", "let sum = ;"),
            // taking the failing test away, or skipping it, mends nothing
            Fix("test/cart.test.js", 5,
                "test('totals', () => assert.equal(cart.total([{ price: 2, quantity: 3 }]), 6));", ""),
            Fix("test/cart.test.js", 5, "test('totals', (", "test('totals', { skip: true }, ("),
            Fix("../outside.js", 1, "", "x"),
            Fix("/work/app/src/cart.js", 1, "", "x"),
            Fix(".git/hooks/pre-commit", 1, "", "x"),
            Fix("src/none.js", 3, "x", "y"))).MustWork();
        AssertStatus("broken", result);
        Assert.Empty(Places(result, "applied"));
        Assert.Equal(8, result.Output("failed").GetArrayLength());
        Assert.Equal(3, result.Output("failed").EnumerateArray()
            .Count(f => f.GetProperty("code").GetString() == "AEGIS2699"));
        Assert.Equal(before, Tree());
        Assert.Contains("Tests still fail.", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repair_OfATwiceStandingLine_IsNoGuess()
    {
        Put("src/cart.js", Cart.Replace("let sum = 0;\n", "let sum = 0;\n  sum += 0;\n  sum += 0;\n",
            StringComparison.Ordinal));
        var result = (await ApplyAsync(Fix("src/cart.js", 7, "sum += 0;", "sum = 6;"))).MustWork();
        Assert.Equal("AEGIS2697", result.Output("failed")[0].GetProperty("code").GetString());
    }

    [Fact]
    public async Task Analysis_AsFencedText_IsRead()
    {
        var json = Analysis(Fix("src/cart.js", 4, "line.price", "line.price * line.quantity"));
        var result = (await new RepairApply().CallAsync(execution,
            new { analysis = $"```json\n{json}\n```" })).MustWork();
        AssertStatus("clean", result);
    }

    [Theory]
    [InlineData("not JSON at all")]
    [InlineData("{\"root_causes\":[]")]
    [InlineData("""{"root_causes":[],"fix_suggestions":[],"confidence_score":1}""")]
    [InlineData("""
        {"root_causes":[],"fix_suggestions":[],"confidence_score":2,"estimated_complexity":"low"}
        """)]
    [InlineData("""
        {"root_causes":[],"fix_suggestions":[],"confidence_score":1,"estimated_complexity":"none"}
        """)]
    [InlineData("""
        {"root_causes":[],"fix_suggestions":[{"file":"a"}],"confidence_score":1,"estimated_complexity":"low"}
        """)]
    [InlineData("""
        {"root_causes":[],"fix_suggestions":[],"confidence_score":1,"estimated_complexity":"low","more":1}
        """)]
    public async Task Analysis_ThatIsNone_IsRefused(string text)
    {
        (await new RepairApply().CallAsync(execution, new { analysis = text })).MustFail("AEGIS2696");
        Assert.Equal(Cart, Text("src/cart.js"));
    }

    [Fact]
    public void Analysis_AtTheLimitAndOnePast()
    {
        JsonElement Of(int fixes) => JsonSerializer.SerializeToElement(Analysis(
            [.. Enumerable.Range(0, fixes).Select(_ => Fix("a", 1, "a", "b"))]));
        Assert.Null(FailureAnalysis.Read(Of(FailureAnalysis.FixesMax)).Error);
        Assert.Equal("AEGIS2696", FailureAnalysis.Read(Of(FailureAnalysis.FixesMax + 1)).Error?.Code);
    }

    [Theory]
    [InlineData(FixPlace.NearMax, true)]
    [InlineData(FixPlace.NearMax + 1, false)]
    public void Place_AtTheLimitAndOnePast(int away, bool found)
    {
        var text = "here\n" + string.Concat(Enumerable.Repeat("x\n", 200));
        var fix = new FixSuggestion("a", 1 + away, "here", "there", "");
        Assert.Equal(found, FixPlace.Of(fix, "/work/a", text).Fix is not null);
    }

    [Fact]
    public void Place_KeepsCarriageReturnsAndIndentation()
    {
        var fix = new FixSuggestion("a", 2, "if x:\n    y", "if z:\n    y\n    w", "");
        var placed = FixPlace.Of(fix, "/work/a", "a\r\n    if x:\r\n        y\r\n").Fix!;
        Assert.Equal("a\r\n    if z:\r\n        y\r\n        w\r\n", placed.Change.Content);
    }

    private static object Fix(
        string file, int line, string current, string mended, double? confidence = null) => new
    {
        file,
        line_number = line,
        current_code = current,
        fixed_code = mended,
        explanation = $"because of {file}",
        confidence,
    };

    private static string Analysis(params object[] fixes) => JsonSerializer.Serialize(new
    {
        root_causes = new[] { "the quantity is left out" },
        fix_suggestions = fixes,
        confidence_score = 0.7,
        estimated_complexity = "low",
    });

    private Task<ToolResult> ApplyAsync(params object[] fixes) => new RepairApply().CallAsync(execution,
        new { analysis = JsonElement.Parse(Analysis(fixes)) });

    private static string Places(ToolResult result, string list) => string.Join(' ',
        result.Output(list).EnumerateArray().Select(f => $"{f.GetProperty("file").GetString()}:"
            + f.GetProperty("line").GetInt32()));

    private static void AssertStatus(string status, ToolResult result) =>
        Assert.True(status == result.Output("build_status").GetString(), result.Text);

    private static int Failed(ToolResult result, string when) =>
        result.Output(when).GetProperty("failed").GetInt32();

    private void Put(string path, string text)
    {
        var file = Path.Combine(execution.Work, "app", path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    private string Text(string path) => File.ReadAllText(Path.Combine(execution.Work, "app", path));

    private string Tree() => string.Join('\n', Directory
        .EnumerateFiles(Path.Combine(execution.Work, "app"), "*", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal).Select(f => $"{f}\0{File.ReadAllText(f)}"));
}
