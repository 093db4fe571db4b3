using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Core.Expressions;

/// <summary>A parsed expression of GitHub Actions' language, without the <c>${{ }}</c> around it.</summary>
public sealed class Expression
{
    /// <summary>Characters; GitHub's own limit.</summary>
    public const int LengthMax = 21_000;

    /// <summary>Levels of parentheses, arguments, indexes and chains of operators; GitHub's own
    /// limit.</summary>
    public const int DepthMax = 50;

    /// <summary>How much text one evaluation may make, in characters, and how large a rendered value may be,
    /// in bytes.</summary>
    public const int TextMax = 1 << 20;

    private const int CachedMax = 4_096;
    internal const int CachedLengthMax = 4_096;
    private static readonly ParseCache<string, ExpressionParse> Parsed = 
        new(CachedMax, text => ParseAnew(text, ExpressionRoots.All, isOpen: true));

    private readonly ExpressionNode root;

    // found when first asked for; two threads at once find the same
    private ReferenceCollector? collected;

    private Expression(string text, ExpressionNode root)
    {
        Text = text;
        this.root = root;
    }

    public string Text { get; }

    /// <summary>True where it calls success, failure, always or cancelled.</summary>
    public bool AsksStatus => Collected.AsksStatus;

    /// <summary>Offset of the first call of one of them; null where there is none.</summary>
    public int? StatusAt => Collected.StatusAt;

    /// <summary>What it reads, in the order of the text.</summary>
    public ImmutableArray<ExpressionReference> References => Collected.References;

    /// <summary>Its calls of hashFiles, in the order of the text; one may stand in the arguments of
    /// another.</summary>
    public ImmutableArray<HashFilesCall> HashFilesCalls => Collected.HashFilesCalls;

    private ReferenceCollector Collected => collected ??= ReferenceCollector.Of(root);

    /// <summary>Parses a workflow's expression, or answers from a bounded cache. Never throws for any text.
    /// Names that are no context's are let through: the compiler knows where a foreach gives its item
    /// one.</summary>
    public static ExpressionParse Parse(string text) => text.Length > LengthMax ? TooLong(text)
        : text.Length > CachedLengthMax ? ParseAnew(text, ExpressionRoots.All, isOpen: true)
        : Parsed.Get(text);

    /// <summary>Parses an expression that begins with other roots than a workflow's. Not cached.</summary>
    public static ExpressionParse Parse(string text, IReadOnlyCollection<string> roots) =>
        text.Length > LengthMax ? TooLong(text) : ParseAnew(text, roots, isOpen: false);

    public EvaluationResult Evaluate(ExpressionContext context)
    {
        var evaluator = new Evaluator(context);
        try
        {
            var value = evaluator.Evaluate(root);
            return evaluator.Error is null
                ? new EvaluationResult(value, null)
                : new EvaluationResult(null, evaluator.Error);
        }
        catch (InvalidOperationException)
        {
            // a context over JSON meets half of a surrogate pair only when the string is read
            return new EvaluationResult(null, new AegisError("AEGIS1096",
                "a value holds half of a surrogate pair", "well-formed text"));
        }
    }

    private static ExpressionParse ParseAnew(string text, IReadOnlyCollection<string> roots, bool isOpen)
    {
        if (!WellFormedText.IsValid(text))
        {
            return new ExpressionParse(null, new AegisError("AEGIS1096",
                "the expression holds half of a surrogate pair", "well-formed text"), 0,
                ExpressionErrorKind.Lexing);
        }
        var lexer = new Lexer(text);
        var tokens = lexer.Read();
        if (lexer.Fault is { } lexical)
        {
            return new ExpressionParse(null, lexical.Error, lexical.At, lexical.Kind);
        }
        var parser = new ExpressionParser(tokens, roots, isOpen);
        var node = parser.Parse();
        return parser.Fault is { } fault
            ? new ExpressionParse(null, fault.Error, fault.At, fault.Kind)
            : new ExpressionParse(new Expression(text, node!), null, 0);
    }

    private static ExpressionParse TooLong(string text) => new(null, new AegisError("AEGIS1082",
        "the expression is too long", $"at most {LengthMax} characters", $"{text.Length}",
        "split it over several steps"), 0, ExpressionErrorKind.Lexing);
}

/// <param name="At">Where the error is: an offset in the text, from 0.</param>
/// <param name="ErrorKind">Which stage refused it; of use with an error only.</param>
public sealed record ExpressionParse(Expression? Expression, AegisError? Error, int At,
    ExpressionErrorKind ErrorKind = ExpressionErrorKind.Parsing);

public readonly record struct EvaluationResult(ExpressionValue? Value, AegisError? Error);
