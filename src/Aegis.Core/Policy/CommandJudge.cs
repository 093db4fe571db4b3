using System.Collections.Frozen;
using System.Collections.Immutable;
using Aegis.Core.Policy.Guards;

namespace Aegis.Core.Policy;

/// <summary>What the rules say of one simple command: its program and arguments, the variables that it sets,
/// the files that it writes.</summary>
internal static class CommandJudge
{
    /// <summary>They steer the line, and reach nothing outside the shell. Guards hold for them too.</summary>
    private static readonly FrozenSet<string> Steering =
        FrozenSet.Create(":", "true", "false", "exit", "return", "break", "continue", "shift", "set", "wait",
            "test", "[", "[[", "((", "case");

    /// <summary>The last two are the file of the step's outputs: nothing on a line may set that
    /// variable.</summary>
    private static readonly FrozenSet<string> Sinks = FrozenSet.Create("/dev/null", "/dev/stdout",
        "/dev/stderr", "$AEGIS_OUTPUT", "${AEGIS_OUTPUT}");

    public static void Judge(List<AllowEntry> allow, SimpleCommand command,
        ImmutableArray<MatchedRule>.Builder matched)
    {
        var shown = CommandPolicy.Shown(command.ToString());
        JudgeAssignments(command, shown, matched);
        foreach (var redirection in command.Redirections)
        {
            JudgeRedirection(allow, redirection, matched);
        }
        if (command.Words.IsEmpty)
        {
            matched.Add(
                new MatchedRule("shell.no-program", Decision.Allow, shown, "it starts no program"));
        }
        else if (command.Words[0].IsOpen)
        {
            matched.Add(new MatchedRule("shell.program", Decision.Deny, shown,
                "which program it is, is only known when it runs", "write the program's name"));
        }
        else
        {
            JudgeWords(allow, command, shown, matched);
        }
    }

    private static void JudgeAssignments(SimpleCommand command, string shown,
        ImmutableArray<MatchedRule>.Builder matched)
    {
        foreach (var name in command.Assignments.Select(a => a.Name).Concat(Declarations.Names(command)))
        {
            // how read cuts its lines concerns read alone
            if (EnvironmentNames.WhyDenied(name) is { } why && !(name == "IFS" && command.Program == "read"))
            {
                matched.Add(new MatchedRule("shell.variable", Decision.Deny, shown, $"{name}: {why}",
                    "leave it out"));
            }
        }
    }

    /// <summary>A file that the shell writes is judged as if <c>tee</c> wrote it: who may write the scripts
    /// of the work folder may run anything that a listed program reads.</summary>
    private static void JudgeRedirection(List<AllowEntry> allow, ShellRedirection redirection,
        ImmutableArray<MatchedRule>.Builder matched)
    {
        var target = redirection.Target;
        if (!redirection.Writes || IsSink(target))
        {
            return;
        }
        var tee = new SimpleCommand([new CommandWord("tee", false, false, target.Column), target],
            CommandJoin.Pipe, [], []);
        var shown = CommandPolicy.Shown($"{redirection.Operator} {target.Text}");
        var entry = allow.Find(e => e.Matches(tee));
        matched.Add(entry is not null
            ? new MatchedRule($"allow: {entry.Text}", Decision.Allow, shown, "tee is on the list")
            : new MatchedRule("shell.writes", Decision.Deny, shown, "a file that the shell writes needs tee "
                + "on the list", $"add \"tee {target.Text}\" or \"tee\", or let the program write the file"));
    }

    private static bool IsSink(CommandWord target) => Sinks.Contains(target.Text)
        && target.IsOpen == target.Text.StartsWith('$');

    private static void JudgeWords(List<AllowEntry> allow, SimpleCommand command, string shown,
        ImmutableArray<MatchedRule>.Builder matched)
    {
        foreach (var rule in GuardTable.Objections(command))
        {
            matched.Add(new MatchedRule(rule.Id, rule.Decision, shown, rule.Reason, rule.Mend));
        }
        var before = matched.Count;
        foreach (var entry in allow.Where(e => e.Matches(command)))
        {
            matched.Add(new MatchedRule($"allow: {entry.Text}", Decision.Allow, shown, "it is on the list"));
        }
        if (matched.Count > before)
        {
            return;
        }
        matched.Add(command.CallsFunction
            ? new MatchedRule("shell.function", Decision.Allow, shown, "the line defines it")
            : Steering.Contains(command.Program) || Declarations.Are(command)
                ? new MatchedRule("shell.steering", Decision.Allow, shown,
                    "it reaches nothing outside the shell")
                : new MatchedRule("default", Decision.Deny, shown, "it is not on the list"));
    }
}
