namespace Aegis.Core.Expressions;

/// <summary><c>case(predicate, value, …, default)</c>: the value behind the first predicate that is true. A
/// predicate that is no boolean is an error. Every argument is evaluated first, as GitHub's library does.
/// </summary>
internal static class CaseFunction
{
    public static ExpressionValue Case(Evaluator evaluator, ExpressionValue[] a)
    {
        for (var i = 0; i < a.Length - 1; i += 2)
        {
            if (a[i] is not ExpressionValue.BooleanValue predicate)
            {
                return evaluator.Fail("AEGIS1093", "a predicate of case() is no boolean", "true or false",
                    ExpressionAnswer.KindOf(a[i]), "compare it, or write !!value");
            }
            if (predicate.Value)
            {
                return a[i + 1];
            }
        }
        return a[^1];
    }

    public static bool IsPredicate(int at, int count) => at % 2 == 0 && at < count - 1;
}
