using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Core.Expressions;

/// <summary>Recursive descent in GitHub's order of precedence: <c>||</c>, <c>&amp;&amp;</c>, equality, order,
/// <c>!</c>, dereference. It counts its depth where GitHub's library does, because the text is a stranger's
/// and the stack is ours.</summary>
internal sealed class ExpressionParser(List<Token> tokens, IReadOnlyCollection<string> roots, bool isOpen)
{

    private int next;
    private int depth;

    public ExpressionFault? Fault { get; private set; }

    public ExpressionNode? Parse()
    {
        if (Peek.Kind == TokenKind.End)
        {
            // GitHub's library parses nothing to nothing, and fails when it is evaluated
            Fail(Peek, "AEGIS1081", "the expression is empty", "an expression", null);
            Fault = Fault! with { Kind = ExpressionErrorKind.Evaluation };
            return null;
        }
        var node = Whole();
        if (Fault is null && Peek.Kind != TokenKind.End)
        {
            Unexpected("an operator or the end");
        }
        return Fault is null ? node : null;
    }

    private Token Peek => tokens[next];

    private ExpressionNode Whole()
    {
        if (!Enter())
        {
            return Nothing(Peek.At);
        }
        var node = Or();
        depth--;
        return node;
    }

    private ExpressionNode Or() => Chain(TokenKind.Or, isAnd: false, And);

    private ExpressionNode And() => Chain(TokenKind.And, isAnd: true, Equality);

    private ExpressionNode Chain(TokenKind kind, bool isAnd, Func<ExpressionNode> operand)
    {
        var first = operand();
        if (Fault is not null || Peek.Kind != kind || !Enter())
        {
            return first;
        }
        var operands = ImmutableArray.CreateBuilder<ExpressionNode>();
        operands.Add(first);
        while (Take(kind))
        {
            operands.Add(operand());
        }
        depth--;
        return new LogicalNode(first.At, isAnd, operands.ToImmutable());
    }

    private ExpressionNode Equality() => Compare(
        static kind => kind is TokenKind.Equal or TokenKind.NotEqual, Order);

    private ExpressionNode Order() => Compare(
        static kind => kind is TokenKind.Greater or TokenKind.GreaterOrEqual or TokenKind.Less
            or TokenKind.LessOrEqual, Unary);

    private ExpressionNode Compare(Func<TokenKind, bool> isOperator, Func<ExpressionNode> operand)
    {
        var first = operand();
        if (Fault is not null || !isOperator(Peek.Kind))
        {
            return first;
        }
        var rest = ImmutableArray.CreateBuilder<Comparison>();
        while (Fault is null && isOperator(Peek.Kind))
        {
            rest.Add(new Comparison(tokens[next++].Kind, operand()));
        }
        return new CompareNode(first.At, first, rest.ToImmutable());
    }

    private ExpressionNode Unary()
    {
        var start = Peek.At;
        if (!Take(TokenKind.Not))
        {
            return Dereference();
        }
        if (!Enter())
        {
            return Nothing(start);
        }
        var node = new NotNode(start, Unary());
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
        var outside = depth;
        while (Fault is null)
        {
            if (Take(TokenKind.OpenIndex))
            {
                node = Indexed(node);
            }
            else if (Take(TokenKind.Dot))
            {
                node = Enter() ? Member(node) : node;
            }
            else
            {
                break;
            }
        }
        depth = outside;
        return node;
    }

    private ExpressionNode Indexed(ExpressionNode target)
    {
        ExpressionNode node = Take(TokenKind.Star)
            ? new FilterNode(target.At, target)
            : new IndexNode(target.At, target, Whole());
        Expect(TokenKind.CloseIndex, "]");
        Enter();
        return node;
    }

    private ExpressionNode Member(ExpressionNode target)
    {
        if (Take(TokenKind.Star))
        {
            return new FilterNode(target.At, target);
        }
        var name = Peek;
        if (!Take(TokenKind.Name))
        {
            Unexpected("a member's name or *");
            return target;
        }
        var index = new LiteralNode(name.At, ExpressionValue.Of(name.Text));
        return new IndexNode(target.At, target, index);
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
            var inner = Whole();
            Expect(TokenKind.Close, ")");
            return new GroupNode(token.At, inner);
        }
        if (!Take(TokenKind.Name))
        {
            Unexpected("a value");
            return Nothing(token.At);
        }
        return Take(TokenKind.Open) ? Call(token) : Root(token);
    }

    private RootNode Root(Token name)
    {
        var root = roots.FirstOrDefault(r => LetterCase.AreSameName(r, name.Text));
        if (root is null && !isOpen)
        {
            var error = ExpressionRoots.Unknown(name.Text, roots);
            Fail(name, error.Code, error.Message, error.Expected!, error.Mend);
        }
        return new RootNode(name.At, root ?? name.Text);
    }

    private ExpressionNode Call(Token name)
    {
        var arguments = ImmutableArray.CreateBuilder<ExpressionNode>();
        while (Fault is null && !Take(TokenKind.Close))
        {
            arguments.Add(Whole());
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
            Fault = new ExpressionFault(name.At, error, ExpressionErrorKind.Parsing);
            return Nothing(name.At);
        }
        return new CallNode(name.At, function!, arguments.ToImmutable());
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
        if (Fault is null && ++depth > Expression.DepthMax)
        {
            Fault = new ExpressionFault(Peek.At, new AegisError("AEGIS1082",
                "the expression is nested too deeply", $"at most {Expression.DepthMax} levels", null,
                "split it over several steps"), ExpressionErrorKind.Parsing);
        }
        return Fault is null;
    }

    private void Unexpected(string expected)
    {
        var token = Peek;
        Fail(token, "AEGIS1081",
            token.Kind == TokenKind.End ? "the expression ends too early" : "unexpected symbol", expected,
            null);
    }

    private void Fail(Token token, string code, string message, string expected, string? mend) =>
        Fault ??= new ExpressionFault(token.At, new AegisError(code, message, expected,
            token.Kind == TokenKind.End ? "the end" : Lexer.Shown(token.Text), mend),
            ExpressionErrorKind.Parsing);

    private static LiteralNode Nothing(int at) => new(at, ExpressionValue.Null);
}
