using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Plans.Source;

namespace Aegis.Core.Plans;

/// <summary>Collects what is wrong with one file, up to a bound, and hands it out in the order of the
/// file.</summary>
internal sealed class DiagnosticList(string file)
{
    public const int CountMax = 200;

    private readonly List<Diagnostic> found = [];
    private readonly HashSet<Diagnostic> seen = [];
    private int more;

    /// <summary>True where a further error is only counted, so that its exact place is not worth
    /// finding.</summary>
    public bool IsFull => found.Count == CountMax;

    public bool IsEmpty => found.Count == 0;

    public void Add(SourceNode at, string code, string message, string? expected = null, string? got = null,
        string? mend = null) => Add(at.Line, at.Column, code, message, expected, got, mend);

    public void Add(int line, int column, string code, string message, string? expected = null,
        string? got = null, string? mend = null) =>
        Add(line, column, new AegisError(code, message, expected, got, mend));

    public void Add(int line, int column, AegisError error)
    {
        if (IsFull)
        {
            more++;
            return;
        }
        var diagnostic = new Diagnostic(new SourceSpan(file, line, column), error);
        // an alias brings one wrong value to several places; it is wrong once
        if (seen.Add(diagnostic))
        {
            found.Add(diagnostic);
        }
    }

    /// <summary>A question that names the nearest candidate. It costs time, so it is asked only for errors
    /// that will be shown: 9,000 wrong needs among 9,000 steps took minutes.</summary>
    public string? DidYouMean(string word, IEnumerable<string> candidates) =>
        !IsFull && NearestName.Of(word, candidates) is { } near ? $"did you mean {near}?" : null;

    public ImmutableArray<Diagnostic> ToImmutable()
    {
        var sorted = found.OrderBy(d => d.At.Line).ThenBy(d => d.At.Column).ToList();
        if (more > 0)
        {
            sorted.Add(new Diagnostic(sorted[^1].At, new AegisError("AEGIS1007",
                $"{more} more errors are not shown", $"at most {CountMax}", null, "mend these first")));
        }
        return [.. sorted];
    }
}
