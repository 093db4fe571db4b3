using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Aegis.Core.Errors;
using Spectre.Console;

namespace Aegis.Cli;

/// <summary>Where a command writes: results to Out, words about them to Error.</summary>
/// <param name="Live">Out is a terminal that takes cursor movements and colours.</param>
internal sealed record Terminal(TextWriter Out, TextWriter Error, bool Live, int Width,
    Func<string, string?> Environment)
{
    /// <summary>Where a value that must not stand on the command line comes from.</summary>
    public TextReader In { get; init; } = TextReader.Null;

    /// <summary>Whether the locale says that letters beyond ASCII are shown as such.</summary>
    public bool IsUtf8 =>
        new[] { "LC_ALL", "LC_CTYPE", "LANG" }.Select(Environment).FirstOrDefault(v =>
            !string.IsNullOrEmpty(v))
            is { } locale && locale.Replace("-", "").Contains("utf8", StringComparison.OrdinalIgnoreCase);

    public static Terminal OfProcess()
    {
        var live = !Console.IsOutputRedirected
            && string.IsNullOrEmpty(System.Environment.GetEnvironmentVariable("NO_COLOR"))
            && System.Environment.GetEnvironmentVariable("TERM") is not ("dumb" or null);
        var output = new StreamWriter(
            Console.OpenStandardOutput(), new UTF8Encoding(false)) { AutoFlush = true };
        var width = Console.IsOutputRedirected ? 110 : Math.Clamp(Console.WindowWidth, 40, 220);
        return new Terminal(output, Console.Error, live, width, System.Environment.GetEnvironmentVariable)
        {
            In = Console.In,
        };
    }

    public IAnsiConsole OpenAnsi() => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(Out),
        Ansi = Live ? AnsiSupport.Yes : AnsiSupport.No,
        ColorSystem = Live ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
        Interactive = Live ? InteractionSupport.Yes : InteractionSupport.No,
    });

    public void Json<T>(T value, JsonTypeInfo<T> type) =>
        Out.WriteLine(JsonSerializer.Serialize(value, type));

    /// <summary>Left-aligned columns, two spaces apart; control characters of foreign text are made
    /// visible.</summary>
    public void Table(IReadOnlyList<string> head, IEnumerable<string[]> rows)
    {
        var all = rows.Select(r => r.Select(Visible).ToArray()).ToList();
        var widths = head.Select(
            (h, i) => Math.Max(h.Length, all.Count == 0 ? 0 : all.Max(r => r[i].Length)));
        var columns = widths.ToArray();
        Out.WriteLine(Row([.. head], columns));
        foreach (var row in all)
        {
            Out.WriteLine(Row(row, columns));
        }
    }

    /// <summary>Errors of files on Error, each in the form that editors jump to.</summary>
    public void Places(IEnumerable<Diagnostic> diagnostics)
    {
        foreach (var (at, error) in diagnostics.Select(d => (d.At, d.Error)))
        {
            Error.WriteLine(Failure.Place(at.File, at.Line, at.Column, error.Code, error.Message,
                error.Expected,
                error.Got, error.Mend));
        }
    }

    public static string Visible(string text) =>
        text.Any(char.IsControl)
            ? string.Concat(text.Select(c => char.IsControl(c) ? (c == '\t' ? ' ' : '\uFFFD') : c))
            : text;

    private static string Row(string[] cells, int[] widths) =>
        string.Join("  ", cells.Select((c, i) => c.PadRight(widths[i]))).TrimEnd();
}
