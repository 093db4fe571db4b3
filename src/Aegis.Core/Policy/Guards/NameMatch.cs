using System.Collections.Frozen;

namespace Aegis.Core.Policy.Guards;

/// <summary>A builtin that sets variables evaluates something beside plain names.</summary>
internal sealed record Declares : ArgumentMatch
{
    public override bool JudgesOpenWords => true;

    public override bool Hits(GuardedCommand command) => Declarations.Evaluate(command.Command);
}

/// <summary><c>printf -v NAME</c>, where the option may also be a word that is only known when it
/// runs.</summary>
internal sealed record PrintsIntoName : ArgumentMatch
{
    public override bool JudgesOpenWords => true;

    public override bool Hits(GuardedCommand command) => command.Arguments is [var first, ..]
        && (first.MayBeOption || first.Text.StartsWith("-v", StringComparison.Ordinal));
}

/// <summary><c>test -v NAME</c>. A word that is only known when it runs may stand where the operators around
/// it show that it is an operand.</summary>
internal sealed record TestsName : ArgumentMatch
{
    private static readonly FrozenSet<string> Operators = FrozenSet.Create("=", "==", "!=", "<", ">", "-eq",
        "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef", "-a", "-o", "!", "(", ")", "]");

    public override bool JudgesOpenWords => true;

    public override bool Hits(GuardedCommand command)
    {
        var words = command.Arguments;
        for (var i = 0; i < words.Length; i++)
        {
            var isOperator = words[i].IsOpen && (words[i].Open & WordOpening.AtStart) != 0
                && i + 1 < words.Length && !IsOperator(words[i + 1])
                && !(i > 0 && (IsOperator(words[i - 1]) || IsUnary(words[i - 1])) && !IsJoin(words[i - 1]));
            if (isOperator || words[i].Text is "-v" or "-R" || (words[i].Open & WordOpening.Splits) != 0)
            {
                return true;
            }
        }
        return false;
    }

    private static bool IsOperator(CommandWord word) => !word.IsOpen && Operators.Contains(word.Text);

    private static bool IsUnary(CommandWord word) => !word.IsOpen && word.Text is ['-', _];

    /// <summary>Behind these an operator may stand again.</summary>
    private static bool IsJoin(CommandWord word) => word.Text is "-a" or "-o" or "!" or "(";
}
