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
        foreach (var name in new[] { guarded.Program, guarded.ProgramUnversioned }.Distinct())
        {
            foreach (var rule in ByProgram.GetValueOrDefault(name, []))
            {
                if (rule.Match.Hits(guarded))
                {
                    yield return rule;
                }
            }
        }
    }

    /// <summary>Examples that do not do what their rule says; a test wants none. Not tried at each load:
    /// that would make every pattern of the table (<see cref="GuardPattern"/>).</summary>
    public static IEnumerable<string> BrokenExamples() => All.Append(Glob).Append(Shell).SelectMany(Broken);

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
