using System.Text.RegularExpressions;

namespace Aegis.Core.Policy;

/// <summary>Reads <c>sh</c>, <c>bash</c> and <c>dash</c> with their options, as far as they are known to be
/// harmless.</summary>
internal static partial class ShellInvocation
{
    public static bool IsShell(SimpleCommand command) =>
        System.IO.Path.GetFileName(command.Program) is "sh" or "bash" or "dash" or "ash";

    /// <summary>The line behind <c>-c</c>; null where the command is no shell or has none.</summary>
    public static string? InnerLine(SimpleCommand command) =>
        IsShell(command) && Read(command) is { Inner: { IsOpen: false } inner } ? inner.Text : null;

    /// <summary>Why a shell with these arguments cannot be judged, or null.</summary>
    public static string? WhyRefused(SimpleCommand command)
    {
        if (!IsShell(command))
        {
            return null;
        }
        var (inner, script, unknown) = Read(command);
        return unknown is not null ? $"the option {unknown} is not one that can be judged"
            : inner is { HasGlob: true } ? "file names would become commands"
            : inner is { IsOpen: true } ? "what it would run is only known when it runs"
            : script is { IsOpen: true } ? "the script's name is only known when it runs"
            : inner is null && script is null ? "it would read its commands from its input"
            : script is { Text: "-" } || script?.Text.StartsWith("/dev/", StringComparison.Ordinal) == true
                || script?.Text.StartsWith("/proc/", StringComparison.Ordinal) == true
                ? "it would read its commands from its input"
            : null;
    }

    private static (CommandWord? Inner, CommandWord? Script, string? Unknown) Read(SimpleCommand command)
    {
        var readsLine = false;
        for (var i = 1; i < command.Words.Length; i++)
        {
            var word = command.Words[i];
            var text = word.Text;
            if (word.MayBeOption && (!readsLine || (word.Open & WordOpening.Splits) != 0))
            {
                return (null, null, text);
            }
            if (text.Length < 2 || text[0] is not ('-' or '+'))
            {
                return readsLine ? (word, null, null) : (null, word, null);
            }
            if (text == "--")
            {
                return i + 1 == command.Words.Length ? (null, null, null)
                    : readsLine ? (command.Words[i + 1], null, null)
                    : (null, command.Words[i + 1], null);
            }
            if (text is "--login" or "--norc" or "--noprofile" or "--posix")
            {
                continue;
            }
            if (!Harmless().IsMatch(text))
            {
                return (null, null, text);
            }
            readsLine |= text.Contains('c', StringComparison.Ordinal);
            if (text.EndsWith('o') && (++i == command.Words.Length
                || !SafeSetting().IsMatch(command.Words[i].Text)))
            {
                return (null, null, text);
            }
        }
        return (null, null, null);
    }

    [GeneratedRegex(@"^-[lceuxvf]*o?\z")]
    private static partial Regex Harmless();

    [GeneratedRegex(@"^(pipefail|errexit|nounset|xtrace|verbose|noglob)\z")]
    private static partial Regex SafeSetting();
}
