using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Policy;

namespace Aegis.Core.Vaccines.Checks;

/// <summary>A command, by its program and words that it has in this order, with any others between them:
/// <c>git push --force</c> fits <c>/usr/bin/git -C x push origin "--force"</c> too. The line is judged as the
/// shell reads it, so quotes hide nothing.</summary>
public sealed record CommandCheck : VaccineCheck
{
    private readonly ImmutableArray<string> words;

    private CommandCheck(string command, ImmutableArray<string> words) =>
        (Command, this.words) = (command, words);

    public string Command { get; }

    public override bool ReadsCommands => true;

    public static (CommandCheck? Check, AegisError? Error) Read(string command)
    {
        if (command.Length is 0 or > VaccineLimits.CheckTextCharsMax)
        {
            return (null, VaccineErrors.BadCheck("its command is empty or too long",
                $"1 to {VaccineLimits.CheckTextCharsMax} characters", $"{command.Length}"));
        }
        var read = AllowEntry.Parse(command);
        return read.Entry is { } entry
            ? (new CommandCheck(command, entry.Prefix), null)
            : (null, VaccineErrors.BadCheck("its command cannot be read",
                "a program and words of it, such as git push --force", read.Error!.Message));
    }

    public override CheckHit? Find(ReadCommand command)
    {
        foreach (var run in command.Commands)
        {
            if (Fits(run))
            {
                return new CheckHit(1, run[0].Column,
                    VaccineErrors.Shown(string.Join(' ', run.Select(w => w.Text)))!);
            }
        }
        return null;
    }

    public bool Equals(CommandCheck? other) => other is not null && words.SequenceEqual(other.words);

    public override int GetHashCode() =>
        words.Length == 0 ? 0 : words[0].GetHashCode(StringComparison.Ordinal);

    public override string ToString() => $"command {VaccineErrors.Shown(Command)}";

    private bool Fits(ImmutableArray<CommandWord> run)
    {
        if (run.IsEmpty || ReadCommand.NameOf(run[0]) != words[0])
        {
            return false;
        }
        var next = 1;
        foreach (var word in run.Skip(1))
        {
            if (next < words.Length && !word.IsOpen && Is(word.Text, words[next]))
            {
                next++;
            }
        }
        return next == words.Length;
    }

    // --option=value is the option too
    private static bool Is(string word, string wanted) => word == wanted
        || (wanted.StartsWith("--", StringComparison.Ordinal)
            && word.StartsWith(wanted + "=", StringComparison.Ordinal));
}
