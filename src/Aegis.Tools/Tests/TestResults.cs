using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Tools.Tests;

/// <summary>What one runner brought.</summary>
/// <param name="Read">False where it ended without a report that can be read: then nothing is known of its
/// tests, not even that none failed.</param>
/// <param name="Error">Why the suite is not green; null where it is.</param>
/// <param name="Said">The end of what a runner without a report printed.</param>
public sealed record TestSuite(string Framework, bool Read, ImmutableArray<TestCase> Cases,
    TimeSpan Duration, int? ExitCode, AegisError? Error, string? Said = null)
{
    public int Passed => Count(TestStatus.Passed);

    public int Failed => Count(TestStatus.Failed);

    public int Skipped => Count(TestStatus.Skipped);

    private int Count(TestStatus status) => Cases.Count(test => test.Status == status);
}

/// <summary>The suites of one call of <c>tests.run</c>, in the order in which they ran.</summary>
public sealed record TestResults(ImmutableArray<TestSuite> Suites)
{
    /// <summary>Where a change chose the tests: those, or why all were run.</summary>
    public TestSelection? Selection { get; init; }

    public bool Read => Suites.All(suite => suite.Read);

    /// <summary>The gravest: what nobody could read before what failed.</summary>
    public AegisError? Error
    {
        get
        {
            var red = Suites.Where(suite => suite.Error is not null).OrderBy(suite => suite.Read).ToArray();
            return red.Length switch
            {
                0 => null,
                1 => red[0].Error,
                _ => red[0].Error! with
                {
                    Message = $"{red[0].Error!.Message}; also not green: "
                        + string.Join(", ", red.Skip(1).Select(suite => suite.Framework)),
                },
            };
        }
    }
}
