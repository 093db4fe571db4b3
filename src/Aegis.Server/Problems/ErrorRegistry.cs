using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;

namespace Aegis.Server.Problems;

/// <summary>What contracts/errors/*.yaml says of each code: its title and the status that doors answer with.
/// The files are flat lists of one-line scalars, so no YAML parser is loaded for them.</summary>
public static class ErrorRegistry
{
    /// <summary>For a refusal whose code names no status: the request was understood and cannot be
    /// done.</summary>
    public const int StatusDefault = StatusCodes.Status422UnprocessableEntity;

    private static readonly FrozenDictionary<string, Entry> Entries = Load();

    public static IEnumerable<string> Codes => Entries.Keys;

    public static int Status(string code) => Entries.TryGetValue(code, out var e) ? e.Status : StatusDefault;

    public static string Title(string code) => Entries.TryGetValue(code, out var e) ? e.Title : "Refused";

    private static FrozenDictionary<string, Entry> Load()
    {
        var found = new Dictionary<string, Entry>();
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var name in assembly.GetManifestResourceNames()
            .Where(n => n.StartsWith("errors.", StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            Read(reader, found);
        }
        return found.ToFrozenDictionary();
    }

    private static void Read(StreamReader reader, Dictionary<string, Entry> found)
    {
        var code = "";
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith("- code:", StringComparison.Ordinal))
            {
                code = Scalar(line);
                found.Add(code, new Entry("Refused", StatusDefault));
            }
            else if (line.StartsWith("  title:", StringComparison.Ordinal))
            {
                found[code] = found[code] with { Title = Scalar(line) };
            }
            else if (line.StartsWith("  http:", StringComparison.Ordinal))
            {
                var status = int.Parse(Scalar(line), CultureInfo.InvariantCulture);
                found[code] = found[code] with { Status = status };
            }
        }
    }

    private static string Scalar(string line) =>
        line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim().Trim('"');

    private sealed record Entry(string Title, int Status);
}
