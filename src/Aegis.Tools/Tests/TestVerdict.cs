using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core.Errors;
using Aegis.Gate;

namespace Aegis.Tools.Tests;

/// <summary>What the tests of a run say together. Green only where a report was read, at least one test ran,
/// none failed, and the runner itself was content.</summary>
public static class TestVerdict
{
    /// <summary>Tests listed in the outputs; the whole report is in the call's log.</summary>
    public const int ListedMax = 500;

    public const int TextCasesMax = 50;

    private const int ListedBytesMax = 56 * 1024;
    private const int SelectedMax = 20;
    private const int NameCharsMax = 200;
    private const int MessageCharsMax = 300;

    /// <summary>Why a suite whose report was read is not green, or null.</summary>
    public static AegisError? ErrorOf(string framework, ImmutableArray<TestCase> cases, int exitCode,
        string? lastLine)
    {
        var failed = cases.Where(test => test.Status == TestStatus.Failed).ToArray();
        return cases.Length == 0 ? TestErrors.NoTests(framework)
            : failed.Length > 0 ? TestErrors.Failed(failed, cases.Length)
            : exitCode != 0 ? TestErrors.ExitCode(framework, exitCode, lastLine)
            : cases.All(test => test.Status == TestStatus.Skipped)
                ? TestErrors.AllSkipped(framework, cases.Length)
            : null;
    }

    public static ToolResult Of(TestResults results) => new(results.Error is null, Text(results),
        Outputs(results),
        results.Suites.Select(suite => suite.ExitCode).FirstOrDefault(code => code is not 0),
        results.Error);

    private static string Text(TestResults results)
    {
        var text = new StringBuilder();
        foreach (var suite in results.Suites)
        {
            text.Append(text.Length == 0 ? "" : "\n").Append(suite.Framework).Append(": ").Append(suite.Read
                ? $"{suite.Passed} passed, {suite.Failed} failed, {suite.Skipped} skipped"
                : $"not known: {suite.Error!.Message}");
            text.Append(CultureInfo.InvariantCulture, $" ({suite.Duration.TotalSeconds:0.0} s)");
            text.Append(suite.Said is { Length: > 0 } said ? "\n" + said : "");
        }
        var told = results.Suites.SelectMany(suite => suite.Cases)
            .Where(test => test.Status != TestStatus.Passed).OrderBy(test => test.Status)
            .Take(TextCasesMax);
        foreach (var test in told)
        {
            text.Append(test.Status == TestStatus.Failed ? "\nfailed: " : "\nskipped: ")
                .Append(Cut(test.Name, NameCharsMax));
            text.Append(test.File is null ? ""
                : $" ({test.File}{(test.Line is { } line ? $":{line}" : "")})");
            text.Append(test.Message is null ? "" : "\n  " + Cut(test.Message, MessageCharsMax)
                .Replace("\n", "\n  ", StringComparison.Ordinal));
        }
        return text.ToString();
    }

    private static JsonElement Outputs(TestResults results)
    {
        var suites = results.Suites;
        var cases = suites.SelectMany(suite => suite.Cases.Select(test => (suite.Framework, test)));
        var listed = Listed(cases, suites.Length > 1);
        var outputs = new JsonObject
        {
            ["framework"] = string.Join(", ", suites.Select(suite => suite.Framework)),
            ["suites"] = new JsonArray([.. suites.Select(Suite)]),
            ["duration_ms"] = Math.Round(suites.Sum(suite => suite.Duration.TotalMilliseconds)),
            ["listed"] = listed.Count,
            ["tests"] = listed,
        };
        if (results.Read)
        {
            outputs["passed"] = suites.Sum(suite => suite.Passed);
            outputs["failed"] = suites.Sum(suite => suite.Failed);
            outputs["skipped"] = suites.Sum(suite => suite.Skipped);
            outputs["total"] = suites.Sum(suite => suite.Cases.Length);
        }
        if (results.Selection is { } selection)
        {
            outputs["selection"] = new JsonObject
            {
                ["mode"] = selection.IsAll ? "all" : "affected",
                ["why"] = selection.Why,
                ["files"] = new JsonArray([.. selection.Files.Take(SelectedMax)
                    .Select(file => (JsonNode)Cut(file, NameCharsMax))]),
            };
        }
        return JsonSerializer.SerializeToElement(outputs);
    }

    // of a suite that could not be read no count is shown: 0 failed would be a lie
    private static JsonObject Suite(TestSuite suite)
    {
        var shown = new JsonObject
        {
            ["framework"] = suite.Framework,
            ["status"] = !suite.Read ? "error" : suite.Error is null ? "passed" : "failed",
            ["duration_ms"] = Math.Round(suite.Duration.TotalMilliseconds),
        };
        if (suite.Error is { } error)
        {
            (shown["code"], shown["message"]) = (error.Code, Cut(error.Message, MessageCharsMax));
        }
        if (suite.Read)
        {
            (shown["passed"], shown["failed"]) = (suite.Passed, suite.Failed);
            (shown["skipped"], shown["total"]) = (suite.Skipped, suite.Cases.Length);
        }
        return shown;
    }

    // failed ones first and then those that were skipped, so that they are the last to be left out
    private static JsonArray Listed(IEnumerable<(string Framework, TestCase Test)> cases, bool named)
    {
        var listed = new JsonArray();
        var bytes = 0;
        foreach (var (framework, test) in cases.OrderBy(row => row.Test.Status).Take(ListedMax))
        {
            var entry = new JsonObject
            {
                ["name"] = Cut(test.Name, NameCharsMax),
                ["file"] = test.File is null ? null : Cut(test.File, NameCharsMax),
                ["line"] = test.Line,
                ["status"] = test.Status switch
                {
                    TestStatus.Passed => "passed",
                    TestStatus.Failed => "failed",
                    _ => "skipped",
                },
                ["duration_ms"] = test.DurationMs is { } ms ? Math.Round(ms, 3) : null,
                ["message"] = test.Message is null ? null : Cut(test.Message, MessageCharsMax),
            };
            if (named)
            {
                entry["framework"] = framework;
            }
            bytes += Encoding.UTF8.GetByteCount(entry.ToJsonString()) + 1;
            if (bytes > ListedBytesMax)
            {
                break;
            }
            listed.Add(entry);
        }
        return listed;
    }

    private static string Cut(string text, int charsMax)
    {
        if (text.Length <= charsMax)
        {
            return text;
        }
        var end = char.IsHighSurrogate(text[charsMax - 1]) ? charsMax - 1 : charsMax;
        return text[..end] + "…";
    }
}
