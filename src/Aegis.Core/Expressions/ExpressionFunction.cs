using Aegis.Core.Errors;

namespace Aegis.Core.Expressions;

/// <param name="Apply">Its arguments are evaluated already and free of errors.</param>
internal sealed record ExpressionFunction(
    string Name,
    int ArgumentsMin,
    int ArgumentsMax,
    Func<Evaluator, ExpressionValue[], ExpressionValue> Apply,
    bool AsksStatus = false,
    bool AnswersBoolean = false);

/// <summary>The functions by name, without case.</summary>
internal static class ExpressionFunctions
{
    public const int ArgumentsMax = 255;

    private static readonly ExpressionFunction[] All =
    [
        new("contains", 2, 2, TextFunctions.Contains, AnswersBoolean: true),
        new("startsWith", 2, 2, TextFunctions.StartsWith, AnswersBoolean: true),
        new("endsWith", 2, 2, TextFunctions.EndsWith, AnswersBoolean: true),
        new("format", 1, ArgumentsMax, TextFunctions.Format),
        new("join", 1, 2, TextFunctions.Join),
        new("toJSON", 1, 1, JsonFunctions.ToJson),
        new("fromJSON", 1, 1, JsonFunctions.FromJson),
        new("success", 0, 0, (e, _) => ExpressionValue.Of(e.Context.Success), true, true),
        new("failure", 0, 0, (e, _) => ExpressionValue.Of(e.Context.Failure), true, true),
        new("always", 0, 0, (_, _) => ExpressionValue.True, true, true),
        new("cancelled", 0, 0, (e, _) => ExpressionValue.Of(e.Context.Cancelled), true, true),
    ];

    private static readonly string[] Later = ["hashFiles", "case"];

    public static IEnumerable<string> Names => All.Select(f => f.Name);

    public static IEnumerable<string> NamesLater => Later;

    public static ExpressionFunction? Find(string name) =>
        All.FirstOrDefault(f => string.Equals(f.Name, name, StringComparison.OrdinalIgnoreCase));

    public static AegisError? Check(string name, ExpressionFunction? function, int count)
    {
        if (function is null)
        {
            var later = Later.FirstOrDefault(l => string.Equals(l, name, StringComparison.OrdinalIgnoreCase));
            return later is not null
                ? new AegisError("AEGIS1086", $"{later}() is known but not built yet", null, later,
                    "compute the value in a step and read its output")
                : new AegisError("AEGIS1084", $"there is no function {name}()",
                    string.Join(", ", Names), name,
                    NearestName.Of(name, Names) is { } near ? $"did you mean {near}?" : null);
        }
        if (count >= function.ArgumentsMin && count <= function.ArgumentsMax)
        {
            return null;
        }
        var expected = function.ArgumentsMin == function.ArgumentsMax
            ? $"{function.ArgumentsMin}"
            : $"{function.ArgumentsMin} to {function.ArgumentsMax}";
        return new AegisError("AEGIS1085", $"{function.Name}() has the wrong number of arguments", expected,
            $"{count}");
    }
}
