using System.Collections.Immutable;
using Aegis.Tools.Tests;

namespace Aegis.Tools.Repair;

/// <summary>What a change did to the tests. A test that is gone or skipped does not pass: taking tests away
/// mends nothing.</summary>
/// <param name="Fixed">Failed before, pass now.</param>
/// <param name="Broken">Passed before, do not pass now.</param>
internal sealed record TestProgress(
    ImmutableArray<string> Fixed, ImmutableArray<string> Broken, string? Worse)
{
    private const int NamedMax = 5;

    public bool Better => Broken.IsEmpty && Worse is null && !Fixed.IsEmpty;

    /// <summary>Why a change that does not make things better is taken back.</summary>
    public string Why => Worse
        ?? (Broken.IsEmpty ? "no test that failed passes" : $"no longer passing: {Named(Broken)}");

    /// <summary>All tests before against all tests after. Runners do not say of each test in which file it
    /// stands, so tests of one name are counted together.</summary>
    public static TestProgress Of(TestResults before, TestResults after)
    {
        if (Unread(after) is { } unread)
        {
            return unread;
        }
        var (passedBefore, passedNow) = (Counts(before, TestStatus.Passed), Counts(after, TestStatus.Passed));
        var (failedBefore, failedNow) = (Counts(before, TestStatus.Failed), Counts(after, TestStatus.Failed));
        // where nothing could be read before, whatever passes is new
        var mended = before.Read ? failedBefore.Keys : passedNow.Keys;
        return new(
            [.. mended.Where(n => passedNow.GetValueOrDefault(n) > passedBefore.GetValueOrDefault(n)
                && !failedNow.ContainsKey(n)).Order(StringComparer.Ordinal)],
            [.. passedBefore.Where(p => passedNow.GetValueOrDefault(p.Key) < p.Value).Select(p => p.Key)
                .Order(StringComparer.Ordinal)], null);
    }

    /// <summary>Some tests after: what fails now and did not before speaks against the change.</summary>
    public static TestProgress OfSome(TestResults before, TestResults after)
    {
        if (Unread(after) is { } unread)
        {
            return unread;
        }
        var failedBefore = Counts(before, TestStatus.Failed);
        return new([], [.. Counts(after, TestStatus.Failed)
            .Where(f => f.Value > failedBefore.GetValueOrDefault(f.Key)).Select(f => f.Key)
            .Order(StringComparer.Ordinal)], null);
    }

    public static string Named(ImmutableArray<string> names) =>
        string.Join(", ", names.Take(NamedMax)) + (names.Length > NamedMax ? ", …" : "");

    private static TestProgress? Unread(TestResults after) => after.Read ? null
        : new([], [], after.Suites.First(s => !s.Read).Error?.Message ?? "the tests cannot be read");

    private static Dictionary<string, int> Counts(TestResults results, TestStatus status) =>
        results.Suites.SelectMany(s => s.Cases).Where(c => c.Status == status)
            .CountBy(c => c.Name, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
}
