using System.Text.RegularExpressions;
using Aegis.Gate;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Tests;

/// <summary>The line in which a runner says why it gave up: the first that names an error, since what stands
/// last is often advice; else the last one.</summary>
internal static partial class RunnerWords
{
    private const int LineCharsMax = 400;

    public static string? Reason(CommandResult ran)
    {
        foreach (var channel in (ReadOnlySpan<ReadOnlyMemory<byte>>)[ran.Stderr, ran.Stdout])
        {
            var match = ErrorLine().Match(OutputText.Tail(channel.Span));
            if (match.Success)
            {
                var line = match.Value.Trim();
                return line.Length <= LineCharsMax ? line : line[..LineCharsMax] + "…";
            }
        }
        return OutputText.LastLine(ran);
    }

    // cargo's, javac's by Maven, and MSBuild's, go's
    [GeneratedRegex(@"^(?:error(?:\[\w+\])?: .+|\[ERROR\] .+|.+: error [A-Z]+\d+: .+|go: .+)$",
        RegexOptions.Multiline)]
    private static partial Regex ErrorLine();
}
