using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Aegis.Core.Policy.Guards;

/// <summary>All guards, looked up by program.</summary>
internal static class GuardTable
{
    public static ImmutableArray<GuardRule> All { get; } =
    [
        .. ShellGuards.Rules, .. WrapperGuards.Rules, .. GitGuards.Rules, .. PackageGuards.Rules,
        .. InterpreterGuards.Rules, .. FileGuards.Rules, .. TextGuards.Rules, .. NetworkGuards.Rules,
        .. BuildGuards.Rules,
    ];

    private static readonly FrozenDictionary<string, ImmutableArray<GuardRule>> ByProgram = All
        .SelectMany(r => r.Programs.Select(p => (Program: p, Rule: r)))
        .GroupBy(x => x.Program)
        .ToFrozenDictionary(g => g.Key, g => g.Select(x => x.Rule).ToImmutableArray());

    private static readonly GuardRule Glob = new("glob.option", [], new AnyArgument(),
        "a file's name could become an option", "begin it with a folder, such as ./*.js, or quote it",
        ["ls *.js", "tar cf x.tar -*", "ls ?x", "cat [a-z]*"], ["ls ./*.js", "ls '*.js'", "ls src/*"]);

    private static readonly GuardRule Open = new("open.argument", [], new AnyArgument(),
        "an argument that is only known when it runs could be one that a rule objects to",
        "write it out, begin it with a folder such as \"./$name\", or let a script of the repository do it",
        ["find . \"$x\"", "git log $x", "git commit -m \"$m\"", "tar xf $(cat name)", "sed \"s/$a/b/\" f"],
        ["echo \"$x\"", "mkdir -p \"$dir\"", "cp \"$a\" b"]);

    private static readonly GuardRule Shell = new("sh.options", [], new AnyArgument(),
        "the shell's arguments cannot be judged", "write sh -c '<line>', or name a script",
        ["bash", "sh -s", "bash --rcfile x", "bash -c ./*", "sh /dev/stdin", "bash -O extglob -c ls", "sh -",
        "sh -i"],
        ["bash -lc 'npm ci'", "sh build.sh", "bash -euo pipefail -c 'ls'", "bash -e -u ./run.sh a"]);

    /// <summary>Every rule that objects to the command, in the order of the table.</summary>
    public static IEnumerable<GuardRule> Objections(SimpleCommand command)
    {
        if (command.Words.Any(w => w.FirstIsGlob || (w.HasGlob && w.Text.StartsWith('-'))))
        {
            yield return Glob;
        }
        if (ShellInvocation.WhyRefused(command) is { } why)
        {
            yield return Shell with { Reason = why };
        }
        var guarded = new GuardedCommand(command);
        var isOpen = guarded.Arguments.Any(a => a.IsOpen);
        if (isOpen && ByName(guarded).Any(r => !r.Match.JudgesOpenWords
            && (r.Match.ReadsOperands || guarded.Arguments.Any(a => a.MayBeOption))))
        {
            yield return Open;
        }
        foreach (var rule in ByName(guarded))
        {
            if (rule.Match.Hits(guarded))
            {
                yield return rule;
            }
        }
    }

    private static IEnumerable<GuardRule> ByName(GuardedCommand guarded)
    {
        foreach (var name in new[] { guarded.Program, guarded.ProgramUnversioned }.Distinct())
        {
            foreach (var rule in ByProgram.GetValueOrDefault(name, []))
            {
                yield return rule;
            }
        }
    }

    /// <summary>Examples that do not do what their rule says; a test wants none. Not tried at each load:
    /// that would make every pattern of the table (<see cref="GuardPattern"/>).</summary>
    public static IEnumerable<string> BrokenExamples() =>
        All.Append(Glob).Append(Open).Append(Shell).SelectMany(Broken);

    private static IEnumerable<string> Broken(GuardRule rule)
    {
        foreach (var (line, expected) in rule.Hits.Select(h => (h, true))
            .Concat(rule.Misses.Select(m => (m, false))))
        {
            var parsed = CommandLine.Parse(line);
            var hit = parsed.Commands.Any(c => Objections(c).Any(r => r.Id == rule.Id));
            if (parsed.Error is not null || hit != expected)
            {
                yield return $"{rule.Id}: {line} {parsed.Error}";
            }
        }
    }
}
