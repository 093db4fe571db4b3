using System.Collections.Immutable;
using Aegis.Core.Policy;

namespace Aegis.Core.Vaccines;

/// <summary>The commands of a line as the shell will run them, those behind <c>sh -c</c> and behind programs
/// that start others (<c>env</c>, <c>sudo</c>, <c>xargs</c>) too.</summary>
public sealed class ReadCommand
{
    public ReadCommand(string line)
    {
        var all = ImmutableArray.CreateBuilder<ImmutableArray<CommandWord>>();
        CommandWalk.Any(line, command =>
        {
            all.Add(Unwrapped(command.Words));
            return false;
        });
        Commands = all.ToImmutable();
    }

    /// <summary>The words of each; the first is the program.</summary>
    public ImmutableArray<ImmutableArray<CommandWord>> Commands { get; }

    /// <summary>A program without the folder that it stands in.</summary>
    public static string NameOf(CommandWord word) => word.Text[(word.Text.LastIndexOf('/') + 1)..];

    private static ImmutableArray<CommandWord> Unwrapped(ImmutableArray<CommandWord> words)
    {
        while (words.Length > 1
            && NameOf(words[0]) is "env" or "sudo" or "doas" or "nohup" or "time" or "nice"
            or "ionice" or "command" or "builtin" or "exec" or "timeout" or "xargs" or "stdbuf" or "setsid"
            or "busybox")
        {
            // its own options and their values, settings of variables and durations stand before the program
            var next = 1;
            while (next < words.Length - 1 && IsOfWrapper(words[next].Text))
            {
                next++;
            }
            words = words[next..];
        }
        return words;
    }

    private static bool IsOfWrapper(string word) => word.StartsWith('-')
        || word.Contains('=', StringComparison.Ordinal)
        || (word.Length > 0 && char.IsAsciiDigit(word[0]));
}
