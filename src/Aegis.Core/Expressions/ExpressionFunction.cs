using System.Collections.Frozen;
using Aegis.Core.Errors;

namespace Aegis.Core.Expressions;

/// <param name="Apply">Its arguments are evaluated already and free of errors.</param>
/// <param name="Hides">Whether the argument at that place, of so many, cannot come out as text.</param>
internal sealed record ExpressionFunction(
    string Name,
    int ArgumentsMin,
    int ArgumentsMax,
    Func<Evaluator, ExpressionValue[], ExpressionValue> Apply,
    bool AsksStatus = false,
    Func<int, int, bool>? Hides = null);

/// <summary>The functions by name, without case.</summary>
internal static class ExpressionFunctions
{
    public const int ArgumentsMax = 255;
    private const string CaseName = "case";

    private static readonly ExpressionFunction[] All =
    [
        new("contains", 2, 2, TextFunctions.Contains, Hides: Every),
        new("startsWith", 2, 2, TextFunctions.StartsWith, Hides: Every),
        new("endsWith", 2, 2, TextFunctions.EndsWith, Hides: Every),
        new("format", 1, ArgumentsMax, FormatFunction.Format),
        new("join", 1, 2, TextFunctions.Join),
        new("toJSON", 1, 1, JsonFunctions.ToJson),
        new("fromJSON", 1, 1, JsonFunctions.FromJson),
        new(CaseName, 3, int.MaxValue, CaseFunction.Case, Hides: CaseFunction.IsPredicate),
        new(HashFilesCall.FunctionName, 1, ArgumentsMax, HashFilesCall.Apply, Hides: Every),
        new("success", 0, 0, (e, _) => ExpressionValue.Of(e.Context.Success), AsksStatus: true),
        new("failure", 0, 0, (e, _) => ExpressionValue.Of(e.Context.Failure), AsksStatus: true),
        new("always", 0, 0, (_, _) => ExpressionValue.True, AsksStatus: true),
        new("cancelled", 0, 0, (e, _) => ExpressionValue.Of(e.Context.Cancelled), AsksStatus: true),
    ];

    private static readonly FrozenDictionary<string, ExpressionFunction> ByName =
        All.ToFrozenDictionary(f => f.Name, StringComparer.OrdinalIgnoreCase);

    public static IEnumerable<string> Names => All.Select(f => f.Name);

    public static ExpressionFunction? Find(string name) => ByName.GetValueOrDefault(name);

    public static AegisError? Check(string name, ExpressionFunction? function, int count)
    {
        if (function is null)
        {
            return new AegisError("AEGIS1084", $"there is no function {Lexer.Shown(name)}()",
                string.Join(", ", Names), Lexer.Shown(name),
                NearestName.Of(name, Names) is { } near ? $"did you mean {near}?" : null);
        }
        if (count >= function.ArgumentsMin && count <= function.ArgumentsMax
            && (function.Name != CaseName || count % 2 == 1))
        {
            return null;
        }
        return new AegisError("AEGIS1085", $"{function.Name}() has the wrong number of arguments",
            Expected(function), $"{count}");
    }

    private static string Expected(ExpressionFunction function) =>
        function.Name == CaseName ? "pairs of a predicate and a value, and a default"
        : function.ArgumentsMin == function.ArgumentsMax ? $"{function.ArgumentsMin}"
        : $"{function.ArgumentsMin} to {function.ArgumentsMax}";

    private static bool Every(int at, int count) => true;
}
