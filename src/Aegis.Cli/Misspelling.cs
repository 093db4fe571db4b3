using System.CommandLine;
using System.CommandLine.Parsing;
using Aegis.Core;

namespace Aegis.Cli;

/// <summary>A command line that cannot be read, told with what was probably meant.</summary>
internal static class Misspelling
{
    private const int ShownMax = 40;

    /// <summary>The first word that cannot be what it was taken for: an option that nobody knows would be
    /// taken for an argument.</summary>
    public static string? Of(ParseResult parsed) =>
        parsed.Tokens.Any(t => t.Type == TokenType.DoubleDash) ? null
            : parsed.CommandResult.Tokens.Select(t => t.Value).FirstOrDefault(IsOption)
                ?? parsed.UnmatchedTokens.FirstOrDefault(IsOption);

    public static void Report(ParseResult parsed, TextWriter error)
    {
        var command = parsed.CommandResult.Command;
        var path = PathOf(parsed.CommandResult);
        if ((Of(parsed) ?? First(parsed)) is not { } word)
        {
            foreach (var wrong in parsed.Errors)
            {
                error.WriteLine(Terminal.Visible($"aegis: AEGIS7001: {wrong.Message}"));
            }
        }
        else if (IsOption(word))
        {
            var options = Options(parsed.CommandResult).ToList();
            Failure.Write(error, "AEGIS7025", $"{path} has no option {Shown(word)}", Near(word, options),
                null, null);
        }
        else if (command.Subcommands.Count > 0)
        {
            var verbs = command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name).ToList();
            Failure.Write(error, "AEGIS7024", $"{path} has no verb {Shown(word)}", Near(word, verbs), null,
                null);
        }
        else
        {
            Failure.Write(error, "AEGIS7001", $"{path} takes no further argument: {Shown(word)}", null, null,
                null);
        }
        error.WriteLine($"  mend: see {path} --help");
    }

    private static string? First(ParseResult parsed) =>
        parsed.UnmatchedTokens.Count == 0 ? null : parsed.UnmatchedTokens[0];

    private static bool IsOption(string word) => word.StartsWith('-') && word.Length > 1;

    private static string Near(string word, List<string> names) =>
        NearestName.Of(word, names) is { } near ? $"did you mean {near}?"
            : "one of " + string.Join(", ", names.Take(ShownMax));

    private static IEnumerable<string> Options(CommandResult? at)
    {
        for (var own = true; at is not null; own = false, at = at.Parent as CommandResult)
        {
            foreach (var option in at.Command.Options.Where(o => (own || o.Recursive) && !o.Hidden))
            {
                yield return option.Name;
            }
        }
    }

    private static string PathOf(CommandResult at)
    {
        var names = new Stack<string>();
        for (var command = at; command is not null; command = command.Parent as CommandResult)
        {
            names.Push(command.Parent is null ? "aegis" : command.Command.Name);
        }
        return string.Join(' ', names);
    }

    private static string Shown(string word) => word.Length <= ShownMax ? word : word[..ShownMax] + "…";
}
