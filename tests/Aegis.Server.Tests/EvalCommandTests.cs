using System.Text.Json;
using Aegis.Cli.Evals;
using Aegis.Core;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests;

/// <summary><c>aegis eval</c> from outside: what is judged is real, only the model's words are
/// scripted.</summary>
[Collection(RealServerGroup.Name)]
public sealed class EvalCommandTests(RealServer server) : IAsyncLifetime
{
    private static readonly string Sample = Path.GetFullPath(
        Path.Combine(NodeProgram.Folder, "..", "..", "samples", "evals", "first"));

    private readonly string project = $"eval{Guid.NewGuid():N}"[..12];
    private readonly string folder = Directory.CreateTempSubdirectory("aegis-eval-").FullName;
    private string key = "";

    public async Task InitializeAsync()
    {
        await server.ProjectAsync(new Tenancy("acme", project));
        key = (await server.MakeKeyAsync(new Tenancy("acme", project))).Secret;
    }

    public Task DisposeAsync()
    {
        Directory.Delete(folder, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Suite_SaysWhatPassedAtTheFirstTryAtTheSecondAndNever()
    {
        await ProfileAsync(Sample);
        var (exit, output, error) = await server.AegisAsync(
            ["eval", Sample, "--json", "--out", InFolder("first.json")], key);
        Assert.True(exit == 0, output + error);
        var result = JsonDocument.Parse(output).RootElement;
        Assert.Equal(
            [("leap", true, true, 2), ("initials", false, true, 4), ("grade", false, false, 2)],
            result.GetProperty("cases").EnumerateArray().Select(c => (c.GetProperty("id").GetString(),
                c.GetProperty("pass_1").GetBoolean(), c.GetProperty("pass_2").GetBoolean(),
                c.GetProperty("turns").GetInt32())));
        Assert.All(result.GetProperty("cases").EnumerateArray(),
            c => Assert.Equal("scripted", c.GetProperty("origin").GetString()));
        var total = result.GetProperty("total");
        Assert.Equal((0.3333, 0.6667, 0.017m), (total.GetProperty("pass_1").GetDouble(),
            total.GetProperty("pass_2").GetDouble(), total.GetProperty("cost_usd").GetDecimal()));
        // its claim that all tests pass changes nothing
        Assert.Contains("2 of 2 tests failed",
            result.GetProperty("cases")[2].GetProperty("error").GetString(), StringComparison.Ordinal);

        await ComparedAsync();
        await UnseenTestsAsync(result.GetProperty("cases")[1].GetProperty("run_id").GetString()!);
    }

    [Fact]
    public async Task PolyglotLayout_IsReadAndJudged_WithoutItsAnswers()
    {
        var root = InFolder("polyglot");
        Exercise(root, "python", "double", "double.py", "def double(n):\n    pass\n", "double_test.py", """
            import unittest
            from double import double

            class DoubleTest(unittest.TestCase):
                def test_it(self):
                    self.assertEqual(4, double(2))
            """);
        Exercise(root, "javascript", "triple", "triple.js", "exports.triple = (n) => undefined;\n",
            "triple.spec.js", """
            const assert = require('node:assert');
            const test = require('node:test');
            const xtest = (name, act) => {};
            const { triple } = require('./triple');
            test('three', () => assert.equal(triple(1), 3));
            xtest('six', () => assert.equal(triple(2), 6));
            """);
        Exercise(root, "python", "half", "half.py", "", "half_test.py", """
            import unittest
            from half import half

            class HalfTest(unittest.TestCase):
                def test_it(self):
                    self.assertEqual(2, half(4))
            """);
        await File.WriteAllTextAsync(InFolder("profile.yaml"),
            "agents: { builder: { limits: { turns: 2 } } }\nrehearsal: rehearsal.yaml\n");
        await File.WriteAllTextAsync(InFolder("rehearsal.yaml"), """
            origin: scripted
            turns:
              - role: builder
                match: { contains: Change double.py so that it does that }
                answer:
                  content:
                    - call: { id: a, name: file__write, arguments: { path: /work/app/double.py,
                        content: "def double(n):\n    return n * 2\n" } }
                    - call: { id: b, name: file__list, arguments: { path: /work/app, depth: 5 } }
                  finish: tool_calls
                cost_usd: 0
              - role: builder
                match: { contains: triple.js }
                answer:
                  content:
                    - call: { id: a, name: file__write, arguments: { path: /work/app/triple.js,
                        content: "exports.triple = (n) => 3;\n" } }
                  finish: tool_calls
                cost_usd: 0
              - role: builder
                match: { contains: half.py }
                answer:
                  content:
                    - call: { id: a, name: file__write, arguments: { path: /work/app/half.py,
                        content: "def half(n):\n    return n / 2\n" } }
                  finish: tool_calls
                cost_usd: 0
              # it never ends by itself
              - role: builder
                turn: 2
                match: { contains: half.py }
                answer:
                  content:
                    - call: { id: b, name: file__list, arguments: { path: /work/app } }
                  finish: tool_calls
                cost_usd: 0
              - { role: builder, turn: 2, cost_usd: 0,
                  reply: '{"summary": "It is written.", "files_changed": []}' }
            """);
        await ProfileAsync(folder);
        var (exit, output, error) = await server.AegisAsync(["eval", root, "--json"], key);
        Assert.True(exit == 0, output + error);
        var cases = JsonDocument.Parse(output).RootElement.GetProperty("cases");
        // the one that is stopped by its cap is judged by the files that it has left
        Assert.Equal([("javascript-triple", false), ("python-double", true), ("python-half", true)],
            cases.EnumerateArray().Select(c => (c.GetProperty("id").GetString(),
                c.GetProperty("pass_2").GetBoolean())));
        var seen = await server.EndedAsync(cases[1].GetProperty("run_id").GetString()!, key);
        var listed = seen.Single(e => e.GetProperty("type").GetString() == "TaskCompleted"
            && e.GetProperty("payload").GetProperty("step_id").GetString() == "try-1.0").GetRawText();
        Assert.Contains("double.py", listed, StringComparison.Ordinal);
        Assert.DoesNotContain("double_test.py", listed, StringComparison.Ordinal);
        Assert.DoesNotContain("example", listed, StringComparison.Ordinal);

        (exit, output, error) = await server.AegisAsync(["eval", root, "--language", "python"], key);
        Assert.True(exit == 0, output + error);
        Assert.Matches("all 2 +100.0 % +100.0 % +4 ", output);
    }

    [Fact]
    public async Task Folder_ThatIsNoSuite_IsRefusedWithWhatIsWrong()
    {
        await RefusedAsync("AEGIS2747", "eval", folder);
        await RefusedAsync("AEGIS2747", "eval");
        await RefusedAsync("AEGIS2747", "eval", Sample, "--case", "nothing");
        await RefusedAsync("AEGIS2748", "eval", Sample, "--compare", Path.Combine(Sample, "suite.yaml"));
        await RefusedAsync("AEGIS7001", "eval", Sample, "--jobs", $"{EvalRuns.JobsMax + 1}");
        Exercise(folder, "python", "x", "x.py", "", "x_test.py", "");
        await File.WriteAllTextAsync(
            InFolder("python/exercises/practice/x/.meta/config.json"),
            """{"files": {"solution": ["x.py"]}}""");
        await RefusedAsync("AEGIS2749", "eval", folder);
        await File.WriteAllTextAsync(InFolder("python/exercises/practice/x/.meta/config.json"),
            """{"files": {"solution": ["../../../../secret.py"], "test": ["x_test.py"]}}""");
        await File.WriteAllTextAsync(InFolder("secret.py"), "");
        await RefusedAsync("AEGIS2746", "eval", folder);
    }

    [Fact]
    public void CaseFolder_HoldsAsMuchAsItMay_AndNotOneMore()
    {
        var at = Directory.CreateDirectory(InFolder("files")).FullName;
        File.WriteAllText(Path.Combine(at, "a.txt"), new string('a', CaseFolder.FileBytesMax));
        Assert.Single(CaseFolder.Read("c", at));
        File.AppendAllText(Path.Combine(at, "a.txt"), "a");
        Assert.Contains("AEGIS2746", Assert.Throws<Cli.CliException>(() => CaseFolder.Read("c", at)).Code);
        File.Delete(Path.Combine(at, "a.txt"));
        for (var i = 0; i < CaseFolder.FilesMax; i++)
        {
            File.WriteAllText(Path.Combine(at, $"{i}"),
                new string('a', CaseFolder.BytesMax / CaseFolder.FilesMax));
        }
        Assert.Equal(CaseFolder.FilesMax, CaseFolder.Read("c", at).Length);
        File.AppendAllText(Path.Combine(at, "0"), "a");
        Assert.Throws<Cli.CliException>(() => CaseFolder.Read("c", at));
        File.WriteAllText(Path.Combine(at, "0"), "");
        File.WriteAllText(Path.Combine(at, "more"), "");
        Assert.Throws<Cli.CliException>(() => CaseFolder.Read("c", at));
        File.Delete(Path.Combine(at, "more"));
        File.Delete(Path.Combine(at, "0"));
        File.CreateSymbolicLink(Path.Combine(at, "link"), "/etc/passwd");
        Assert.DoesNotContain(CaseFolder.Read("c", at), f => f.Path == "link");
        Assert.Throws<Cli.CliException>(() => CaseFolder.Inside("c", at, "link"));
        Assert.Throws<Cli.CliException>(() => CaseFolder.Inside("c", at, "../files/1/.."));
    }

    private async Task ComparedAsync()
    {
        var (exit, output, error) = await server.AegisAsync(
            ["eval", Sample, "--case", "grade", "--compare", InFolder("first.json")], key);
        Assert.True(exit == 0, output + error);
        Assert.Contains("1 of 1 cases are the same", output, StringComparison.Ordinal);
        // a result in which it passed: that it does not now is told, and is the exit status
        var before = EvalResult.Read(InFolder("first.json"));
        var better = (await File.ReadAllTextAsync(InFolder("first.json"))).Replace(
            "\"pass_2\": false", "\"pass_2\": true", StringComparison.Ordinal);
        await File.WriteAllTextAsync(InFolder("better.json"), better);
        (exit, output, error) = await server.AegisAsync(
            ["eval", Sample, "--case", "grade", "--compare", InFolder("better.json")], key);
        Assert.Equal(1, exit);
        Assert.Contains("passes no more: grade", output, StringComparison.Ordinal);
        // a case that asks for something else is not compared
        await File.WriteAllTextAsync(InFolder("other.json"), better.Replace(
            before.Cases[2].Hash, "000000000000000000000000", StringComparison.Ordinal));
        (exit, output, _) = await server.AegisAsync(
            ["eval", Sample, "--case", "grade", "--compare", InFolder("other.json")], key);
        Assert.Equal(0, exit);
        Assert.Contains("0 of 1 cases are the same", output, StringComparison.Ordinal);
    }

    /// <summary>Before the second try the tests are empty again, and after it they are whole.</summary>
    private async Task UnseenTestsAsync(string run)
    {
        var steps = (await server.EndedAsync(run, key))
            .Where(e => e.GetProperty("type").GetString() == "TaskCompleted")
            .Select(e => e.GetProperty("payload").GetProperty("step_id").GetString()!).ToList();
        Assert.Equal(["hide", "try-2", "tests-2", "judge-2"],
            steps.Where(s => s is "hide" or "try-2" or "tests-2" or "judge-2"));
    }

    private async Task RefusedAsync(string code, params string[] arguments)
    {
        var (exit, output, error) = await server.AegisAsync(arguments, key);
        Assert.Equal(2, exit);
        Assert.StartsWith($"aegis: {code}: ", error, StringComparison.Ordinal);
        Assert.Equal("", output);
    }

    private async Task ProfileAsync(string from)
    {
        var (exit, output, error) = await server.AegisAsync(["profile", "set",
            Path.Combine(from, "profile.yaml"), Path.Combine(from, "rehearsal.yaml")], key);
        Assert.True(exit == 0, output + error);
    }

    private static void Exercise(string root, string language, string name, string solution, string stub,
        string test, string judges)
    {
        var at = Path.Combine(root, language, "exercises", "practice", name);
        Directory.CreateDirectory(Path.Combine(at, ".docs"));
        Directory.CreateDirectory(Path.Combine(at, ".meta"));
        File.WriteAllText(Path.Combine(at, ".docs", "instructions.md"), $"# Instructions\n\nWrite {name}.\n");
        File.WriteAllText(Path.Combine(at, ".meta", "config.json"), JsonSerializer.Serialize(new
        {
            files = new { solution = new[] { solution }, test = new[] { test },
                example = new[] { ".meta/example" } },
        }));
        File.WriteAllText(Path.Combine(at, ".meta", "example"), "the answer");
        File.WriteAllText(Path.Combine(at, solution), stub);
        File.WriteAllText(Path.Combine(at, test), judges);
    }

    private string InFolder(string name) => Path.Combine(folder, name);
}
