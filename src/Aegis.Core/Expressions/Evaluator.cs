using Aegis.Core.Errors;

namespace Aegis.Core.Expressions;

/// <summary>Walks one expression once. The first error is kept and the walk goes on over nulls, so that a
/// refused expression costs no exception.</summary>
internal sealed class Evaluator(ExpressionContext context)
{
    private int textLeft = Expression.TextMax;

    public AegisError? Error { get; private set; }

    public ExpressionContext Context => context;

    public ExpressionValue Evaluate(ExpressionNode node) => node switch
    {
        LiteralNode literal => literal.Value,
        RootNode root => Root(root.Name),
        GroupNode group => Evaluate(group.Inner),
        IndexNode index => Index(Evaluate(index.Target), Evaluate(index.Index)),
        FilterNode filter => Filter(Evaluate(filter.Target)),
        NotNode not => ExpressionValue.Of(!Coercion.IsTruthy(Evaluate(not.Operand))),
        CompareNode compare => Compare(compare),
        LogicalNode logical => Logical(logical),
        CallNode call => Call(call),
        _ => throw new InvariantViolationException($"no evaluation for {node.GetType().Name}"),
    };

    public ExpressionValue Fail(string code, string message, string? expected = null, string? got = null,
        string? mend = null)
    {
        Error ??= new AegisError(code, message, expected, got, mend);
        return ExpressionValue.Null;
    }

    /// <summary>Every text that a function makes is paid for from one allowance, since nested <c>format</c>
    /// calls could else double it at each level.</summary>
    public ExpressionValue Text(string text) => Spend(text.Length)
        ? ExpressionValue.Of(text)
        : ExpressionValue.Null;

    public bool Spend(int characters)
    {
        textLeft -= Math.Min(characters, textLeft + 1);
        if (textLeft >= 0)
        {
            return true;
        }
        Fail("AEGIS1094", "the expression makes more text than it may",
            $"at most {Expression.TextMax} characters", null, "pass large values as files or artifacts");
        return false;
    }

    private ExpressionValue Root(string name) => context.Root(name)
        ?? Fail("AEGIS1089", $"{name} has no value here", null, null,
            name is "item" or "index" ? "item and index exist inside foreach only" : null);

    private ExpressionValue Compare(CompareNode node)
    {
        var left = Evaluate(node.First);
        foreach (var (kind, operand) in node.Rest)
        {
            left = ExpressionValue.Of(Holds(kind, left, Evaluate(operand)));
        }
        return left;
    }

    private static bool Holds(TokenKind kind, ExpressionValue left, ExpressionValue right) => kind switch
    {
        TokenKind.Equal => Coercion.AreEqual(left, right),
        TokenKind.NotEqual => !Coercion.AreEqual(left, right),
        TokenKind.Greater => Coercion.IsGreater(left, right),
        TokenKind.GreaterOrEqual => Coercion.AreEqual(left, right) || Coercion.IsGreater(left, right),
        TokenKind.Less => Coercion.IsGreater(right, left),
        _ => Coercion.AreEqual(left, right) || Coercion.IsGreater(right, left),
    };

    private ExpressionValue Logical(LogicalNode node)
    {
        var value = ExpressionValue.Null;
        foreach (var operand in node.Operands)
        {
            value = Evaluate(operand);
            if (Coercion.IsTruthy(value) != node.IsAnd)
            {
                break;
            }
        }
        return value;
    }

    private ExpressionValue Call(CallNode node)
    {
        var arguments = new ExpressionValue[node.Arguments.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i] = Evaluate(node.Arguments[i]);
        }
        return Error is null ? node.Function.Apply(this, arguments) : ExpressionValue.Null;
    }

    private static ExpressionValue Index(ExpressionValue target, ExpressionValue index) =>
        target is ExpressionValue.ArrayValue { Items: FilteredItems items }
            ? new ExpressionValue.ArrayValue(new FilteredItems(
                [.. items.Select(v => Pick(v, index)).OfType<ExpressionValue>()]))
            : Pick(target, index) ?? ExpressionValue.Null;

    private static ExpressionValue? Pick(ExpressionValue target, ExpressionValue index)
    {
        if (target is ExpressionValue.ObjectValue o)
        {
            return Coercion.IsPrimitive(index) ? o.Members.Get(Coercion.ToText(index)) : null;
        }
        if (target is not ExpressionValue.ArrayValue array)
        {
            return null;
        }
        var at = Math.Floor(Coercion.ToNumber(index));
        return at >= 0 && at < array.Items.Count ? array.Items[(int)at] : null;
    }

    private static ExpressionValue.ArrayValue Filter(ExpressionValue target) =>
        new(new FilteredItems(target is ExpressionValue.ArrayValue { Items: FilteredItems items }
            ? [.. items.SelectMany(ValuesOf)]
            : [.. ValuesOf(target)]));

    private static IEnumerable<ExpressionValue> ValuesOf(ExpressionValue value) => value switch
    {
        ExpressionValue.ArrayValue array => array.Items,
        ExpressionValue.ObjectValue o => o.Members.Entries().Select(e => e.Value),
        _ => [],
    };

    /// <summary>Marks an array that <c>*</c> made: an index on it goes to each item, and what has no such
    /// member falls out.</summary>
    private sealed class FilteredItems(List<ExpressionValue> items) : IReadOnlyList<ExpressionValue>
    {
        public int Count => items.Count;

        public ExpressionValue this[int index] => items[index];

        public IEnumerator<ExpressionValue> GetEnumerator() => items.GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() =>
            items.GetEnumerator();
    }
}
