using System.Runtime.CompilerServices;
using System.Text;

namespace Aegis.Client;

/// <summary>One message of a server-sent event stream.</summary>
internal readonly record struct SseMessage(string Event, string? Id, string Data);

/// <summary>Reads server-sent events (WHATWG HTML §9.2.6). A message is at most 1 MiB; comments are
/// dropped.</summary>
internal static class SseReader
{
    public const int MessageCharsMax = 1 << 20;

    public static async IAsyncEnumerable<SseMessage> ReadAsync(Stream stream,
        [EnumeratorCancellation] CancellationToken cancel)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8, false, 16 * 1024, leaveOpen: true);
        var kind = "message";
        string? id = null;
        var data = new StringBuilder();
        while (await reader.ReadLineAsync(cancel) is { } line)
        {
            if (line.Length == 0)
            {
                if (data.Length > 0)
                {
                    yield return new SseMessage(kind, id, data.ToString(0, data.Length - 1));
                }
                data.Clear();
                kind = "message";
                continue;
            }
            var (field, value) = Split(line);
            switch (field)
            {
                case "event":
                    kind = value;
                    break;
                case "id":
                    id = value;
                    break;
                case "data":
                    if (data.Length + value.Length > MessageCharsMax)
                    {
                        throw new InvalidDataException(
                            $"a message is longer than {MessageCharsMax} characters");
                    }
                    data.Append(value).Append('\n');
                    break;
            }
        }
    }

    private static (string Field, string Value) Split(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            return (line, "");
        }
        var start = colon + 1 < line.Length && line[colon + 1] == ' ' ? colon + 2 : colon + 1;
        return (line[..colon], line[start..]);
    }
}
