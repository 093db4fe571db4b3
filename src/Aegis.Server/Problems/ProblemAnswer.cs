using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Server.Locks;
using Aegis.Server.OpenApi;

namespace Aegis.Server.Problems;

/// <summary>RFC 9457 problem details.</summary>
/// <param name="Pointer">The member of the body that is meant, as a JSON pointer.</param>
/// <param name="Errors">What is wrong in a file, place by place.</param>
/// <param name="Rule">The rule of the gate that decided.</param>
public sealed record ProblemAnswer(string Type, string Title, int Status, string Detail, string Code,
    string? Expected, string? Got, string? Mend, string? Pointer,
    [property: Items(1, ProblemAnswer.ErrorsMax)] IReadOnlyList<ProblemPlaceAnswer>? Errors,
    string? Rule = null)
{
    /// <summary>A file with more errors than this shows the first ones.</summary>
    public const int ErrorsMax = 100;

    /// <summary>Who has what was to be locked.</summary>
    public LockDeniedAnswer? LockDenied { get; init; }

    public static ProblemAnswer Of(int status, AegisError error,
        ImmutableArray<Diagnostic> places = default, string? rule = null) => new(
        $"urn:aegis:error:{error.Code}", ErrorRegistry.Title(error.Code), status, error.Message, error.Code,
        error.Expected, error.Got, error.Mend,
        error.Place?.Pointer,
        places.IsDefaultOrEmpty ? null : [.. Shown(places).Select(ProblemPlaceAnswer.Of)], rule);

    /// <summary>Where there are too many, the last one says how many are not shown.</summary>
    private static IEnumerable<Diagnostic> Shown(ImmutableArray<Diagnostic> all)
    {
        const int Shown = ErrorsMax - 1;
        return all.Length <= ErrorsMax ? all : all.Take(Shown).Append(new Diagnostic(all[Shown - 1].At,
            new AegisError("AEGIS1007", $"{all.Length - Shown} more errors are not shown",
                $"at most {Shown}", null, "mend these first")));
    }
}

public sealed record ProblemPlaceAnswer(string Code, string Message, string File, int Line, int Column,
    string? Expected, string? Got, string? Mend)
{
    public static ProblemPlaceAnswer Of(Diagnostic d) => new(d.Error.Code, d.Error.Message, d.At.File,
        d.At.Line, d.At.Column, d.Error.Expected, d.Error.Got, d.Error.Mend);
}
