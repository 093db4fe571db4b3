namespace Aegis.Tools.Tests;

public enum TestStatus
{
    Passed,
    Failed,
    Skipped,
}

/// <summary>How one test ended.</summary>
/// <param name="Name">With the suites around it, joined by <c> > </c>.</param>
/// <param name="File">Relative to the folder the tests ran in; null where the runner does not say.</param>
/// <param name="Message">Why it failed or was skipped.</param>
public sealed record TestCase(string Name, string? File, TestStatus Status, double? DurationMs = null,
    string? Message = null);

/// <summary>A report that cannot be read.</summary>
public sealed class TestReportException(string message) : Exception(message);
