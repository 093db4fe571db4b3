using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Core.Policy;

/// <summary>An entry of allow_commands: the first words of a command. A final <c>*</c> says "and whatever
/// follows" aloud and changes nothing.</summary>
public sealed record AllowEntry(string Text, ImmutableArray<string> Prefix)
{
    public static AllowEntryResult Parse(string text)
    {
        var line = CommandLine.Parse(text);
        if (line.Error is { } error)
        {
            return Wrong(text, error.Message, error.Mend);
        }
        if (line.Commands is not [{ Assignments: [], Redirections: [] } command] || line.Hazards.Length > 0)
        {
            return Wrong(text, "it is not one command alone", "write one entry for each command");
        }
        var words = command.Words;
        if (words is [_, .., { Text: "*", HasGlob: true }])
        {
            words = words.RemoveAt(words.Length - 1);
        }
        return words.Any(w => w.HasGlob || w.IsOpen)
            ? Wrong(text, "only a final * stands for other words", "write the words out")
            : new AllowEntryResult(new AllowEntry(text, [.. words.Select(w => w.Text)]), null);
    }

    /// <summary>A word that the shell will expand equals nothing: nobody knows what it becomes.</summary>
    public bool Matches(SimpleCommand command)
    {
        if (command.Words.Length < Prefix.Length)
        {
            return false;
        }
        for (var i = 0; i < Prefix.Length; i++)
        {
            var word = command.Words[i];
            if (word.HasGlob || word.IsOpen || word.Text != Prefix[i])
            {
                return false;
            }
        }
        return true;
    }

    private static AllowEntryResult Wrong(string text, string why, string? mend) => new(null,
        new AegisError("AEGIS1143", $"this entry of allow_commands cannot be read: {why}",
            "a program and its first words, such as npm run build",
            text.Length <= 80 ? text : text[..80] + "…", mend));
}

public sealed record AllowEntryResult(AllowEntry? Entry, AegisError? Error);
