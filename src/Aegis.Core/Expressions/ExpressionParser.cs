using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Core.Expressions;

/// <summary>Recursive descent in GitHub's order of precedence: <c>||</c>, <c>&amp;&amp;</c>, equality, order,
/// <c>!</c>, dereference. It counts its own depth on the way down, because the text is a stranger's and the
/// stack is ours.</summary>
internal sealed class ExpressionParser(List<Token> tokens)
{
    private int next;
    private int depth;

    public ExpressionFault? Fault { get; private set; }

    public ExpressionNode? Parse()
    {
        if (Peek.Kind == TokenKind.End)
        {
            Fail(Peek, "AEGIS1081", "the expression is empty", "an expression", null);
            return null;
        }
        var node = Or();
        if (Fault is null && Peek.Kind != TokenKind.End)
        {
            Unexpected("an operator or the end");
        }
        return Fault is null ? node : null;
    }

    private Token Peek => tokens[next];

    private ExpressionNode Or() => Chain(TokenKind.Or, isAnd: false, And);

    private ExpressionNode And() => Chain(TokenKind.And, isAnd: true, Equality);

    private ExpressionNode Chain(TokenKind kind, bool isAnd, Func<ExpressionNode> operand)
    {
        var first = operand();
        if (Fault is not null || Peek.Kind != kind)
        {
            return first;
        }
        var operands = ImmutableArray.CreateBuilder<ExpressionNode>();
        operands.Add(first);
        while (Fault is null && Take(kind))
        {
            operands.Add(operand());
        }
        return Built(new LogicalNode(first.At, isAnd, operands.ToImmutable()));
    }

    private ExpressionNode Equality()
    {
        var left = Order();
        while (Fault is null && Peek.Kind is TokenKind.Equal or TokenKind.NotEqual)
        {
            left = Built(new CompareNode(left.At, tokens[next++].Kind, left, Order()));
        }
        return left;
    }

    private ExpressionNode Order()
    {
        var left = Unary();
        while (Fault is null && Peek.Kind is TokenKind.Greater or TokenKind.GreaterOrEqual or TokenKind.Less
            or TokenKind.LessOrEqual)
        {
            left = Built(new CompareNode(left.At, tokens[next++].Kind, left, Unary()));
        }
        return left;
    }

    private ExpressionNode Unary()
    {
        var start = Peek.At;
        if (!Enter())
        {
            return Nothing(start);
        }
        var node = Take(TokenKind.Not) ? Built(new NotNode(start, Unary())) : Dereference();
        depth--;
        return node;
    }

    private ExpressionNode Dereference()
    {
        var node = Primary();
        if (node is LiteralNode)
        {
            return node;
        }
        while (Fault is null)
        {
            if (Take(TokenKind.OpenIndex))
            {
                node = Indexed(node);
            }
            else if (Take(TokenKind.Dot))
            {
                node = Member(node);
            }
            else
            {
                break;
            }
        }
        return node;
    }

    private ExpressionNode Indexed(ExpressionNode target)
    {
        var node = Take(TokenKind.Star)
            ? Built(new FilterNode(target.At, target))
            : Built(new IndexNode(target.At, target, Or()));
        Expect(TokenKind.CloseIndex, "]");
        return node;
    }

    private ExpressionNode Member(ExpressionNode target)
    {
        if (Take(TokenKind.Star))
        {
            return Built(new FilterNode(target.At, target));
        }
        var name = Peek;
        if (!Take(TokenKind.Name))
        {
            Unexpected("a member's name or *");
            return target;
        }
        var index = new LiteralNode(name.At, ExpressionValue.Of(name.Text));
        return Built(new IndexNode(target.At, target, index));
    }

    private ExpressionNode Primary()
    {
        var token = Peek;
        if (Take(TokenKind.Literal))
        {
            return new LiteralNode(token.At, token.Value!);
        }
        if (Take(TokenKind.Open))
        {
            var inner = Or();
            Expect(TokenKind.Close, ")");
            // a literal in parentheses may be indexed, a bare one may not, as GitHub has it
            return inner is LiteralNode ? new LogicalNode(token.At, true, [inner]) : inner;
        }
        if (!Take(TokenKind.Name))
        {
            Unexpected("a value");
            return Nothing(token.At);
        }
        return Take(TokenKind.Open) ? Call(token) : Root(token);
    }

    private ExpressionNode Root(Token name)
    {
        var root = ExpressionRoots.All.FirstOrDefault(
            r => string.Equals(r, name.Text, StringComparison.OrdinalIgnoreCase));
        if (root is null)
        {
            Fail(name, "AEGIS1083", $"there is no value called {name.Text}",
                string.Join(", ", ExpressionRoots.All), ExpressionRoots.MendOf(name.Text));
        }
        return new RootNode(name.At, root ?? name.Text);
    }

    private ExpressionNode Call(Token name)
    {
        var arguments = ImmutableArray.CreateBuilder<ExpressionNode>();
        while (Fault is null && !Take(TokenKind.Close))
        {
            arguments.Add(Or());
            if (Fault is null && Peek.Kind != TokenKind.Close)
            {
                Expect(TokenKind.Comma, ", or )");
            }
        }
        if (Fault is not null)
        {
            return Nothing(name.At);
        }
        var function = ExpressionFunctions.Find(name.Text);
        var error = ExpressionFunctions.Check(name.Text, function, arguments.Count);
        if (error is not null)
        {
            Fault = new ExpressionFault(name.At, error);
            return Nothing(name.At);
        }
        return Built(new CallNode(name.At, function!, arguments.ToImmutable()));
    }

    private bool Take(TokenKind kind)
    {
        if (Fault is not null || Peek.Kind != kind || kind == TokenKind.End)
        {
            return false;
        }
        next++;
        return true;
    }

    private void Expect(TokenKind kind, string shown)
    {
        if (Fault is null && !Take(kind))
        {
            Unexpected(shown);
        }
    }

    private bool Enter()
    {
        if (Fault is null && ++depth <= Expression.DepthMax)
        {
            return true;
        }
        TooDeep(Peek.At);
        return false;
    }

    private ExpressionNode Built(ExpressionNode node)
    {
        if (node.Depth > Expression.DepthMax)
        {
            TooDeep(node.At);
        }
        return node;
    }

    private void TooDeep(int at) => Fault ??= new ExpressionFault(at, new AegisError("AEGIS1082",
        "the expression is nested too deeply", $"at most {Expression.DepthMax} levels", null,
        "split it over several steps"));

    private void Unexpected(string expected)
    {
        var token = Peek;
        Fail(token, "AEGIS1081",
            token.Kind == TokenKind.End ? "the expression ends too early" : "unexpected symbol", expected,
            null);
    }

    private void Fail(Token token, string code, string message, string expected, string? mend) =>
        Fault ??= new ExpressionFault(token.At, new AegisError(code, message, expected,
            token.Kind == TokenKind.End ? "the end" : token.Text, mend));

    private static LiteralNode Nothing(int at) => new(at, ExpressionValue.Null);
}
