namespace Aegis.Tools.Tests;

/// <summary>In the order in which they are told.</summary>
public enum TestStatus
{
    Failed,
    Skipped,
    Passed,
}

/// <summary>How one test ended.</summary>
/// <param name="Name">With the suites around it, joined by <c> > </c>.</param>
/// <param name="File">Relative to the folder the tests ran in; null where the runner does not say.</param>
/// <param name="Message">Why it failed or was skipped.</param>
/// <param name="Line">Where in the file it failed, from 1; null where the runner does not say.</param>
public sealed record TestCase(string Name, string? File, TestStatus Status, double? DurationMs = null,
    string? Message = null, int? Line = null);

/// <summary>A report that cannot be read.</summary>
public sealed class TestReportException(string message) : Exception(message);
