using System.Text;

namespace Aegis.Attack.Fuzzing;

/// <summary>Breaks sound workflows: by lines and indentation, by values, by expressions, by bytes.</summary>
internal sealed class WorkflowMutator(Random random, IReadOnlyList<string> sound)
{
    private const int DepthMax = 3_000;
    private const int RepeatMax = 400;

    public byte[] Next()
    {
        var text = sound[random.Next(sound.Count)];
        for (var n = random.Next(1, 6); n > 0; n--)
        {
            text = Mutate(text);
        }
        var bytes = Encoding.UTF8.GetBytes(text);
        return random.Next(8) == 0 ? Bytes(bytes) : bytes;
    }

    private string Mutate(string text) => random.Next(12) switch
    {
        0 => Lines(text, lines => lines.RemoveAt(random.Next(lines.Count))),
        1 => Lines(text, lines => lines.Insert(random.Next(lines.Count), lines[random.Next(lines.Count)])),
        2 => Lines(text, lines => Change(lines, line => new string(' ', random.Next(9)) + line.TrimStart())),
        3 => Lines(text, lines => Change(lines, Value)),
        4 => Lines(text, lines => Change(lines, line => line.Replace(':', random.Next(2) == 0 ? '-' : '='))),
        5 => Insert(text, "${{ " + Expression() + " }}"),
        6 => Insert(text, Deep()),
        7 => text.Replace("\n", Pieces.Any(random, ["\r\n", "\r", "\n\n", "\u2028"]),
            StringComparison.Ordinal),
        8 => Lines(text, lines => lines.AddRange(Aliases())),
        9 => text[..random.Next(text.Length + 1)],
        _ => Insert(text, Pieces.Any(random, Pieces.Text)),
    };

    private string Expression()
    {
        var text = new StringBuilder();
        for (var n = random.Next(1, 12); n > 0; n--)
        {
            text.Append(Pieces.Any(random, Pieces.Expression));
        }
        return text.ToString();
    }

    private string Deep()
    {
        var (open, close) = random.Next(3) switch { 0 => ("[", "]"), 1 => ("{a: ", "}"), _ => ("- ", "") };
        var times = random.Next(DepthMax);
        return string.Concat(Enumerable.Repeat(open, times)) + string.Concat(Enumerable.Repeat(close, times));
    }

    private IEnumerable<string> Aliases()
    {
        yield return "b0: &b0 [x, x]";
        for (var i = 1; i < random.Next(2, 30); i++)
        {
            yield return $"b{i}: &b{i} [*b{i - 1}, *b{i - 1}]";
        }
    }

    private string Value(string line)
    {
        var colon = line.IndexOf(": ", StringComparison.Ordinal);
        var value = random.Next(4) switch
        {
            0 => "\"" + Pieces.Any(random, Pieces.Text) + "\"",
            1 => string.Concat(Enumerable.Repeat(Pieces.Any(random, Pieces.Text), random.Next(RepeatMax))),
            2 => "${{ " + Expression() + " }}",
            _ => Pieces.Any(random, Pieces.Text),
        };
        return colon < 0 ? line + value : line[..(colon + 2)] + value;
    }

    private void Change(List<string> lines, Func<string, string> change)
    {
        var at = random.Next(lines.Count);
        lines[at] = change(lines[at]);
    }

    private static string Lines(string text, Action<List<string>> change)
    {
        var lines = text.Split('\n').ToList();
        change(lines);
        return string.Join('\n', lines);
    }

    private string Insert(string text, string piece) => text.Insert(random.Next(text.Length + 1), piece);

    private byte[] Bytes(byte[] bytes)
    {
        for (var n = random.Next(1, 8); n > 0 && bytes.Length > 0; n--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }
        return bytes;
    }
}
