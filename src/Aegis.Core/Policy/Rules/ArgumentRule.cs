using System.Collections.Immutable;
using System.Text.Json;

namespace Aegis.Core.Policy.Rules;

/// <summary>A rule of a profile on the arguments of calls. It denies or asks; nothing that is denied
/// elsewhere is let in by it.</summary>
/// <param name="Tools">Whose calls it judges; see <see cref="ToolPattern"/>.</param>
/// <param name="Where">Members of the input that must all fit; none fits every input.</param>
/// <param name="Command">The first words of a command on the call's command line; none for rules that do not
/// look at it.</param>
/// <param name="Decision">Deny or Ask.</param>
public sealed record ArgumentRule(string Id, ImmutableArray<string> Tools,
    ImmutableArray<MemberMatch> Where, AllowEntry? Command, Decision Decision, string Reason, string? Mend,
    ImmutableArray<RuleExample> Examples)
{
    public bool Hits(string tool, JsonElement input, string? commandLine) =>
        Concerns(tool) && Where.All(w => w.Fits(input))
        && (Command is null || (commandLine is not null && CommandWalk.Any(commandLine, MayBegin)));

    /// <summary>Whether it judges calls of a tool at all.</summary>
    public bool Concerns(string tool)
    {
        foreach (var pattern in Tools)
        {
            if (ToolPattern.Covers(pattern, tool))
            {
                return true;
            }
        }
        return false;
    }

    // what is only known when it runs may be these words: a rule that denies must not miss it
    private bool MayBegin(SimpleCommand command)
    {
        var prefix = Command!.Prefix;
        for (var i = 0; i < prefix.Length; i++)
        {
            if (i >= command.Words.Length)
            {
                return false;
            }
            var word = command.Words[i];
            if (word.HasGlob || word.IsOpen)
            {
                return true;
            }
            if (word.Text != prefix[i])
            {
                return false;
            }
        }
        return true;
    }
}

/// <summary>A call that a rule must hit, or must let pass; tested when the rule is loaded.</summary>
/// <param name="CommandLine">Of shell.exec, where the example is a command line alone.</param>
public sealed record RuleExample(
    bool Hits, string Tool, JsonElement Input, string? CommandLine, Errors.SourceSpan At)
{
    public override string ToString() => CommandLine ?? $"{Tool} {Input.GetRawText()}";
}
