using System.Collections.Immutable;
using Aegis.Tools.Tests;

namespace Aegis.Tools.Repair;

/// <summary>What a change did to the tests. A test that is gone or skipped does not pass: taking tests away
/// mends nothing.</summary>
/// <param name="Fixed">Failed before, pass now.</param>
/// <param name="Broken">Passed before, do not pass now.</param>
internal sealed record TestProgress(ImmutableArray<string> Fixed, ImmutableArray<string> Broken, string? Worse)
{
    private const int NamedMax = 5;

    public bool Better => Broken.IsEmpty && Worse is null && !Fixed.IsEmpty;

    /// <summary>Why a change that does not make things better is taken back.</summary>
    public string Why => Worse
        ?? (Broken.IsEmpty ? "no test that failed passes" : $"no longer passing: {Named(Broken)}");

    /// <summary>All tests before against all tests after.</summary>
    public static TestProgress Of(TestResults before, TestResults after) =>
        Of(before, after, name => true);

    /// <summary>Some tests after: only what ran is compared.</summary>
    public static TestProgress OfSome(TestResults before, TestResults after)
    {
        var ran = Names(after, _ => true);
        return Of(before, after, ran.Contains);
    }

    public static string Named(ImmutableArray<string> names) =>
        string.Join(", ", names.Take(NamedMax)) + (names.Length > NamedMax ? ", …" : "");

    private static TestProgress Of(TestResults before, TestResults after, Func<string, bool> counts)
    {
        if (!after.Read)
        {
            return new([], [], after.Suites.First(s => !s.Read).Error?.Message ?? "the tests cannot be read");
        }
        var passing = Names(after, s => s == TestStatus.Passed);
        var failing = Names(after, s => s == TestStatus.Failed);
        var failed = Names(before, s => s == TestStatus.Failed).Where(counts);
        var passed = Names(before, s => s == TestStatus.Passed).Where(counts);
        // where nothing could be read before, whatever passes is new
        ImmutableArray<string> mended = before.Read
            ? [.. failed.Where(n => passing.Contains(n) && !failing.Contains(n)).Order(StringComparer.Ordinal)]
            : [.. passing.Order(StringComparer.Ordinal)];
        return new(mended, [.. passed.Where(n => !passing.Contains(n) || failing.Contains(n))
            .Order(StringComparer.Ordinal)], null);
    }

    // several tests may have one name: it passes when all of them do
    private static HashSet<string> Names(TestResults results, Func<TestStatus, bool> of) =>
        [.. results.Suites.SelectMany(s => s.Cases.Where(c => of(c.Status))
            .Select(c => c.File is null || c.File == c.Name ? c.Name : $"{c.File}: {c.Name}"))];
}
