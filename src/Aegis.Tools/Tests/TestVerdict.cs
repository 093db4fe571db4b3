using System.Collections.Immutable;
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

    private const int ListedBytesMax = 56 * 1024;
    private const int NameCharsMax = 200;
    private const int MessageCharsMax = 300;

    public static ToolResult Of(string framework, ImmutableArray<TestCase> cases, int exitCode,
        string? lastLine)
    {
        var failed = cases.Where(test => test.Status == TestStatus.Failed).ToArray();
        var skipped = cases.Count(test => test.Status == TestStatus.Skipped);
        var passed = cases.Length - failed.Length - skipped;
        AegisError? error = cases.Length == 0 ? TestErrors.NoTests(framework)
            : failed.Length > 0 ? TestErrors.Failed(failed, cases.Length)
            : exitCode != 0 ? TestErrors.ExitCode(framework, exitCode, lastLine)
            : passed == 0 ? TestErrors.AllSkipped(framework, skipped)
            : null;
        var summary = $"{framework}: {passed} passed, {failed.Length} failed, {skipped} skipped";
        return new ToolResult(error is null, Text(summary, failed),
            Outputs(framework, cases, passed, failed, skipped), exitCode, error);
    }

    private static string Text(string summary, TestCase[] failed)
    {
        var text = new StringBuilder(summary);
        foreach (var test in failed.Take(50))
        {
            text.Append("\nfailed: ").Append(Cut(test.Name, NameCharsMax));
            text.Append(test.File is null ? "" : $" ({test.File})");
            text.Append(test.Message is null ? "" : "\n  " + Cut(test.Message, MessageCharsMax)
                .Replace("\n", "\n  ", StringComparison.Ordinal));
        }
        return text.ToString();
    }

    // failed ones first, so that they are never the ones left out
    private static JsonElement Outputs(string framework, ImmutableArray<TestCase> cases, int passed,
        TestCase[] failed, int skipped)
    {
        var listed = new JsonArray();
        var bytes = 0;
        foreach (var test in failed.Concat(cases.Where(c => c.Status != TestStatus.Failed)).Take(ListedMax))
        {
            var entry = new JsonObject
            {
                ["name"] = Cut(test.Name, NameCharsMax),
                ["file"] = test.File is null ? null : Cut(test.File, NameCharsMax),
                ["status"] = test.Status switch
                {
                    TestStatus.Passed => "passed",
                    TestStatus.Failed => "failed",
                    _ => "skipped",
                },
                ["duration_ms"] = test.DurationMs is { } ms ? Math.Round(ms, 3) : null,
                ["message"] = test.Message is null ? null : Cut(test.Message, MessageCharsMax),
            };
            bytes += Encoding.UTF8.GetByteCount(entry.ToJsonString()) + 1;
            if (bytes > ListedBytesMax)
            {
                break;
            }
            listed.Add(entry);
        }
        return JsonSerializer.SerializeToElement(new JsonObject
        {
            ["framework"] = framework,
            ["passed"] = passed,
            ["failed"] = failed.Length,
            ["skipped"] = skipped,
            ["total"] = cases.Length,
            ["listed"] = listed.Count,
            ["tests"] = listed,
        });
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
