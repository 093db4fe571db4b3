using System.Collections.Concurrent;
using Aegis.Core.Policy;
using Aegis.Core.Policy.Guards;

namespace Aegis.Core.Tests.Policy;

/// <summary>Ordinary command lines. bash really runs each of them, with programs of its own that do nothing,
/// and every program start that the kernel sees must be one of those that were judged.</summary>
public sealed class CorpusTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Policy", "Corpus");

    private static readonly List<string> Lines =
    [
        .. File.ReadAllLines(Path.Combine(Folder, "lines.txt")),
        .. File.ReadAllText(Path.Combine(Folder, "blocks.txt")).TrimEnd('\n').Split("\n%%\n"),
    ];

    [Fact]
    public void Lines_Ordinary_CanBeRead()
    {
        var refused = Lines.Where(l => CommandLine.Parse(l).Error is not null).ToList();
        Assert.True(Lines.Count >= 350, $"{Lines.Count} lines");
        Assert.Empty(refused);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Lines_WhatBashStarts_WasJudged()
    {
        using var stage = new TracedShell(Lines.SelectMany(Judged).Select(c => c.Program));
        var seen = new ConcurrentBag<string>();
        var unjudged = new ConcurrentBag<string>();
        var traced = Lines.Where(l => !Judged(l).Any(RunsItsArguments)).ToList();
        Assert.True(Lines.Count - traced.Count < 15, "what runs its arguments is refused, and no corpus");
        await Parallel.ForEachAsync(traced, new ParallelOptions { MaxDegreeOfParallelism = 2 },
            async (line, _) =>
            {
                var judged = Judged(line).ToList();
                foreach (var argv in await stage.RunAsync(line))
                {
                    seen.Add(argv[0]);
                    if (!judged.Any(c => Covers(c.Words.AsSpan(), argv)))
                    {
                        unjudged.Add($"{line} started: {string.Join(' ', argv)}");
                    }
                }
            });
        Assert.True(unjudged.IsEmpty, string.Join("\n", unjudged));
        Assert.True(seen.Count > 250 && seen.Distinct().Count() > 60,
            $"{seen.Count} starts of {seen.Distinct().Count()} programs prove little");
    }

    [Theory]
    [InlineData("git status", "git", "status", "-s")]
    [InlineData("git $x", "rm", "x")]
    [InlineData("git {a,b}", "git2")]
    public void Covers_AnotherCommand_IsNot(string line, params string[] argv) =>
        Assert.DoesNotContain(Judged(line), c => Covers(c.Words.AsSpan(), argv));

    /// <summary>Every simple command of the line, and of the lines behind <c>sh -c</c>.</summary>
    private static IEnumerable<SimpleCommand> Judged(string line) =>
        CommandLine.Parse(line).Commands.SelectMany(c => ShellInvocation.InnerLine(c) is { } inner
            ? Judged(inner).Prepend(c) : [c]);

    private static bool RunsItsArguments(SimpleCommand command) =>
        !command.Words.IsEmpty && GuardTable.Objections(command).Any(r => r.Id == "shell.runs");

    private static bool Covers(ReadOnlySpan<CommandWord> judged, ReadOnlySpan<string> argv)
    {
        if (judged.IsEmpty)
        {
            return argv.IsEmpty;
        }
        var word = judged[0];
        if (word.HasGlob || (word.Open & WordOpening.Splits) != 0)
        {
            // any number of words
            return Covers(judged[1..], argv) || (!argv.IsEmpty && Covers(judged, argv[1..]));
        }
        return !argv.IsEmpty && (word.IsOpen || word.Text == argv[0]) && Covers(judged[1..], argv[1..]);
    }
}
