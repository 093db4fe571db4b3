using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Core.Expressions;

/// <summary>The names an expression can begin with, and what each step's object has.</summary>
public static class ExpressionRoots
{
    private const int NamesShownMax = 20;

    public static ImmutableArray<string> All { get; } =
        ["inputs", "env", "context", "steps", "run", "item", "index", "secrets"];

    public static ImmutableArray<string> StepMembers { get; } =
        ["outcome", "conclusion", "ok", "status", "output", "outputs", "error", "attempts", "answer"];

    /// <summary>What a step's members say that no tool, model or outsider can choose the text of.</summary>
    internal static ImmutableArray<string> StepMembersTrusted { get; } =
        ["outcome", "conclusion", "ok", "status", "attempts"];

    /// <summary>The error for a name that no value has.</summary>
    internal static AegisError Unknown(string name, IReadOnlyCollection<string> roots)
    {
        var shown = string.Join(", ", roots.Take(NamesShownMax)) + (roots.Count > NamesShownMax ? ", …" : "");
        return new AegisError("AEGIS1083", $"there is no value called {name}",
            shown.Length == 0 ? "a literal or a function" : shown, null, MendOf(name, roots));
    }

    private static string? MendOf(string name, IReadOnlyCollection<string> roots)
    {
        var known = roots is ImmutableArray<string> own && own == All ? MendOfForeign(name) : null;
        return known ?? (NearestName.Of(name, roots) is { } near ? $"did you mean {near}?" : null);
    }

    private static string? MendOfForeign(string name) => name.ToLowerInvariant() switch
    {
        "github" or "event" => "what started the run is under context, such as context.branch",
        "needs" or "jobs" or "job" => "what other steps left is under steps.<id>",
        "vars" or "matrix" or "strategy" or "runner" => "there is none here; use inputs or env",
        "secret" => "write secrets",
        _ => null,
    };
}
