using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Aegis.Core.Discovery;

/// <summary>What a program is to us.</summary>
public enum ProgramKind
{
    Tool,
    ModelBackend,
    Agent,
}

/// <summary>A command-line program that discovery looks for: how it says its version, and how it is
/// used.</summary>
/// <param name="Package">The npm package whose package.json beside the program holds the version; null where
/// the program itself must be asked.</param>
/// <param name="IsSlow">Asked after the others.</param>
/// <param name="Docs">The page that describes it.</param>
public sealed record KnownProgram(string Name, ProgramKind Kind, VersionQuestion Says, ProgramUse Use,
    string? Package, bool IsSlow, Uri Docs)
{
    /// <summary>As the list of programs and every answer write it.</summary>
    public string KindName => Kind switch
    {
        ProgramKind.Tool => "tool",
        ProgramKind.ModelBackend => "model_backend",
        _ => "agent",
    };
}

/// <summary>How a program is asked for its version.</summary>
/// <param name="Match">Its one group is the version.</param>
/// <param name="Environment">What keeps this program from asking the network or sending measures.</param>
public sealed partial record VersionQuestion(ImmutableArray<string> Arguments, Regex Match,
    ImmutableSortedDictionary<string, string> Environment)
{
    public const int VersionCharsMax = 100;

    /// <summary>The version in what the program printed; null where it says none.</summary>
    public string? VersionIn(string printed)
    {
        var found = Match.Match(printed);
        return found.Success && found.Groups[1].Value is { Length: > 0 and <= VersionCharsMax } version
            && !version.Any(char.IsControl) ? version : null;
    }

    /// <summary>The first number with a dot, and what hangs on it.</summary>
    [GeneratedRegex(@"(?:^|[^\w.])v?(\d+\.\d[\w.+-]*)", RegexOptions.CultureInvariant)]
    internal static partial Regex AnyVersion { get; }
}

/// <summary>How a program is used.</summary>
/// <param name="Argv">A tool's first words; what starts a back-end; what takes an agent's prompt. MODEL
/// stands for a model's name or file.</param>
/// <param name="Protocol">Of a back-end: <c>openai</c> at <paramref name="Address"/>, or <c>stdin</c>: the
/// prompt goes in, the words come out.</param>
/// <param name="Prompt">Of an agent: <c>stdin</c>, or <c>argument</c> for one more word.</param>
public sealed record ProgramUse(ImmutableArray<string> Argv, string? Protocol = null, Uri? Address = null,
    string? Prompt = null);
