using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Policy.Guards;

namespace Aegis.Core.Policy;

/// <summary>
/// Judges a command line: every command of it must begin as an entry of the allow list says, and no guard may
/// object to its arguments. Guards hold whatever the list says, because a program that runs another one by a
/// flag turns any entry into all of them. <c>sh -c</c> is judged by what is inside, too. Everything else is
/// denied. </summary>
public static class CommandPolicy
{
    public const int NestingMax = 4;

    public static CommandDecision Evaluate(IReadOnlyList<string> allow, string commandLine)
    {
        var entries = new List<AllowEntry>(allow.Count);
        foreach (var text in allow)
        {
            var parsed = AllowEntry.Parse(text);
            if (parsed.Entry is null)
            {
                return Refused("allow-list", commandLine, parsed.Error!);
            }
            entries.Add(parsed.Entry);
        }
        var matched = ImmutableArray.CreateBuilder<MatchedRule>();
        if (Judge(entries, commandLine, matched, nesting: 0) is { } error)
        {
            return Refused("grammar", commandLine, error);
        }
        var strictest = matched.Min(m => m.Decision);
        var deciding = matched.First(m => m.Decision == strictest);
        return new CommandDecision(strictest, matched.ToImmutable(), deciding, ErrorOf(deciding, allow));
    }

    /// <summary>An error where the line cannot be read; else every rule with a say is in the list.</summary>
    private static AegisError? Judge(List<AllowEntry> allow, string line,
        ImmutableArray<MatchedRule>.Builder matched, int nesting)
    {
        var parsed = CommandLine.Parse(line);
        if (parsed.Error is not null)
        {
            return parsed.Error;
        }
        foreach (var hazard in parsed.Hazards)
        {
            matched.Add(new MatchedRule(hazard.Rule, Decision.Deny, Shown(line),
                $"{hazard.Reason} (column {hazard.Column})", hazard.Mend));
        }
        foreach (var command in parsed.Commands)
        {
            CommandJudge.Judge(allow, command, matched);
            if (ShellInvocation.InnerLine(command) is not { } inner)
            {
                continue;
            }
            if (nesting == NestingMax)
            {
                return new AegisError("AEGIS1132", "shells are nested too deeply", $"at most {NestingMax}");
            }
            if (Judge(allow, inner, matched, nesting + 1) is { } error)
            {
                return error with { Message = $"inside {command.Program} -c: {error.Message}" };
            }
        }
        return null;
    }

    private static CommandDecision Refused(string rule, string line, AegisError error)
    {
        var deciding = new MatchedRule(rule, Decision.Deny, Shown(line), error.Message, error.Mend);
        return new CommandDecision(Decision.Deny, [deciding], deciding, error);
    }

    private static AegisError? ErrorOf(MatchedRule deciding, IReadOnlyList<string> allow) => deciding switch
    {
        { Decision: Decision.Allow } => null,
        { Decision: Decision.Ask } => new AegisError("AEGIS1142", $"{deciding.Rule}: {deciding.Reason}",
            "an approval", deciding.Command, deciding.Mend ?? "have a person run it"),
        { Rule: "default" } => new AegisError("AEGIS1140", $"{deciding.Command} is not allowed",
            allow.Count == 0 ? "an allow list; there is none" : "one of: " + Shown(string.Join(" · ", allow)),
            deciding.Command, "add it to policy.allow_commands, if it shall run"),
        _ => new AegisError("AEGIS1141", $"{deciding.Rule}: {deciding.Reason}", null, deciding.Command,
            deciding.Mend),
    };

    internal static string Shown(string text) => text.Length <= 200 ? text : text[..200] + "…";
}
