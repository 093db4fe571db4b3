using System.Text.Json;

namespace Aegis.Tools.Tests;

/// <summary>Reads what <c>jest --json</c> writes. A file that could not be run is one failed test of its
/// own.</summary>
public static class JestReport
{
    public const int BytesMax = 32 * 1024 * 1024;
    public const int CasesMax = 100_000;

    /// <exception cref="TestReportException">Not such a report, or beyond a limit.</exception>
    public static List<TestCase> Parse(ReadOnlyMemory<byte> json)
    {
        if (json.Length > BytesMax)
        {
            throw new TestReportException($"the report is longer than {BytesMax} bytes");
        }
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 64 });
            var cases = document.RootElement.GetProperty("testResults").EnumerateArray().SelectMany(File)
                .Take(CasesMax + 1).ToList();
            return cases.Count <= CasesMax ? cases
                : throw new TestReportException($"more than {CasesMax} tests");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new TestReportException($"not jest's JSON: {e.Message}");
        }
    }

    private static IEnumerable<TestCase> File(JsonElement suite)
    {
        var file = suite.GetProperty("name").GetString();
        var tests = suite.GetProperty("assertionResults").EnumerateArray().Select(t => Case(file, t))
            .ToList();
        if (suite.GetProperty("status").GetString() == "failed"
            && tests.TrueForAll(t => t.Status != TestStatus.Failed))
        {
            tests.Add(new TestCase("(the file itself)", file, TestStatus.Failed,
                Message: suite.TryGetProperty("message", out var message) ? message.GetString() : null));
        }
        return tests;
    }

    private static TestCase Case(string? file, JsonElement test)
    {
        var names = test.GetProperty("ancestorTitles").EnumerateArray().Append(test.GetProperty("title"))
            .Select(name => name.GetString());
        var status = test.GetProperty("status").GetString() switch
        {
            "passed" => TestStatus.Passed,
            "failed" => TestStatus.Failed,
            _ => TestStatus.Skipped,
        };
        double? duration = test.TryGetProperty("duration", out var ms) && ms.ValueKind == JsonValueKind.Number
            ? ms.GetDouble() : null;
        var messages = test.TryGetProperty("failureMessages", out var all)
            ? string.Join('\n', all.EnumerateArray().Select(m => m.GetString())) : "";
        return new TestCase(string.Join(" > ", names), file, status, duration,
            messages.Length == 0 ? null : messages);
    }
}
