using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using Aegis.Core.Errors;

namespace Aegis.Tools.Shell;

/// <summary>Reads what a command wrote to the file that <c>$AEGIS_OUTPUT</c> names, in the form of GitHub
/// Actions:
/// <c>name=value</c> lines, or <c>name&lt;&lt;WORD</c>, lines, <c>WORD</c>. A later value of a name replaces
/// an earlier one.</summary>
public static partial class NamedOutputs
{
    public const int BytesMax = 48 * 1024;
    public const int CountMax = 100;

    public static bool TryParse(
        ReadOnlySpan<byte> file, out ImmutableSortedDictionary<string, string> outputs,
        out AegisError? error)
    {
        outputs = ImmutableSortedDictionary<string, string>.Empty;
        if (file.Length > BytesMax)
        {
            error = Wrong($"it has more than {BytesMax} bytes");
            return false;
        }
        var found = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var lines = Encoding.UTF8.GetString(file).Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var number = i + 1;
            var line = lines[i].TrimEnd('\r');
            if (line.Length == 0)
            {
                continue;
            }
            if (!TryReadValue(lines, ref i, line, out var name, out var value))
            {
                error = Wrong($"line {number} is neither name=value nor a closed name<<WORD");
                return false;
            }
            if (!NameForm().IsMatch(name) || ShellExec.OwnOutputs.Contains(name))
            {
                var shown = name[..Math.Min(name.Length, 64)];
                error = Wrong($"line {number}: the name «{shown}» is not allowed");
                return false;
            }
            found[name] = value;
        }
        outputs = found.ToImmutable();
        error = outputs.Count > CountMax ? Wrong($"it names more than {CountMax} outputs") : null;
        return error is null;
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_-]{0,63}$")]
    private static partial Regex NameForm();

    private static bool TryReadValue(
        string[] lines, ref int at, string line, out string name, out string value)
    {
        var equals = line.IndexOf('=', StringComparison.Ordinal);
        var heredoc = line.IndexOf("<<", StringComparison.Ordinal);
        if (equals >= 0 && (heredoc < 0 || equals < heredoc))
        {
            (name, value) = (line[..equals], line[(equals + 1)..]);
            return true;
        }
        (name, value) = ("", "");
        if (heredoc < 0)
        {
            return false;
        }
        name = line[..heredoc];
        var word = line[(heredoc + 2)..];
        var text = new List<string>();
        for (at++; at < lines.Length && word.Length > 0; at++)
        {
            if (lines[at].TrimEnd('\r') == word)
            {
                value = string.Join('\n', text);
                return true;
            }
            text.Add(lines[at]);
        }
        return false;
    }

    private static AegisError Wrong(string why) =>
        new("AEGIS2103", $"the file of $AEGIS_OUTPUT cannot be read: {why}",
        $"name=value lines or name<<WORD blocks, at most {CountMax} names and {BytesMax} bytes, "
        + "names of letters, "
        + "digits, - and _", null, "write it as docs/tools.md, shell.exec, shows");
}
