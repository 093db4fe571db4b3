using System.Text;
using Aegis.Core.Errors;
using Aegis.Models.Protocols.Json;

namespace Aegis.Models.Protocols.Bodies;

/// <summary>Where the model's name stands in a form with a sound file (multipart, RFC 7578), so that it alone
/// can be said otherwise.</summary>
public sealed class FormOutline
{
    private const int PartsMax = 64;
    private const int PartHeadBytesMax = 8 * 1024;
    private int _start;
    private int _end;

    private FormOutline()
    {
    }

    public string Model { get; private set; } = "";

    /// <summary>Whether words are asked for as they are heard.</summary>
    public bool Stream { get; private set; }

    public long FileBytes { get; private set; }

    /// <summary><c>json</c> where the form does not say.</summary>
    public string ResponseFormat { get; private set; } = "json";

    /// <summary>Each part's name, and where its value stands.</summary>
    internal List<(string Name, Range Value)> Members { get; } = [];

    /// <exception cref="AegisException">AEGIS2386, AEGIS2388.</exception>
    public static FormOutline Read(ReadOnlySpan<byte> body, string boundary)
    {
        if (body.Length > ProtocolLimits.FormBytesMax)
        {
            throw ProtocolErrors.TooLarge("the form", ProtocolLimits.FormBytesMax, "bytes");
        }
        var delimiter = Encoding.UTF8.GetBytes($"--{boundary}");
        var outline = new FormOutline();
        var at = body.StartsWith(delimiter) ? delimiter.Length : throw Wrong("the form", "its boundary");
        for (var count = 1; !body[at..].StartsWith("--"u8); count++)
        {
            if (count > PartsMax)
            {
                throw ProtocolErrors.TooLarge("the form", PartsMax, "parts");
            }
            at = outline.Part(body, at, delimiter);
        }
        if (!CallFields.IsModel(outline.Model))
        {
            throw Wrong("model", CallFields.ModelExpected);
        }
        return outline.FileBytes > 0 ? outline : throw Wrong("file", "a sound file");
    }

    /// <summary>Of a form that is not written.</summary>
    internal static FormOutline Sketch(string model, long fileBytes) =>
        new() { Model = model, FileBytes = fileBytes };

    /// <summary>The form with another model's name.</summary>
    public byte[] With(ReadOnlySpan<byte> body, string model) =>
        [.. body[.._start], .. Encoding.UTF8.GetBytes(model), .. body[_end..]];

    private int Part(ReadOnlySpan<byte> body, int at, ReadOnlySpan<byte> delimiter)
    {
        var head = body[at..];
        if (!head.StartsWith("\r\n"u8))
        {
            throw Wrong("the form", "a line's end behind its boundary");
        }
        var headLength = head[..Math.Min(head.Length, PartHeadBytesMax)].IndexOf("\r\n\r\n"u8);
        if (headLength < 0)
        {
            throw Wrong("the form", "headers of a part");
        }
        var name = Name(Encoding.UTF8.GetString(head[..headLength]));
        var start = at + headLength + 4;
        var length = End(body[start..], delimiter);
        Take(body.Slice(start, length), name, start);
        return start + length + 2 + delimiter.Length;
    }

    private static int End(ReadOnlySpan<byte> rest, ReadOnlySpan<byte> delimiter)
    {
        for (var from = 0; ;)
        {
            var at = rest[from..].IndexOf(delimiter);
            if (at < 0)
            {
                throw Wrong("the form", "its closing boundary");
            }
            at += from;
            if (at >= 2 && rest[at - 2] == '\r' && rest[at - 1] == '\n')
            {
                return at - 2;
            }
            from = at + delimiter.Length;
        }
    }

    private void Take(ReadOnlySpan<byte> value, string? name, int start)
    {
        Members.Add((name ?? "", start..(start + value.Length)));
        switch (name)
        {
            case "model" when Model.Length > 0:
                throw Wrong("model", "a member that stands there once");
            case "model":
                Model = Encoding.UTF8.GetString(value);
                (_start, _end) = (start, start + value.Length);
                break;
            case "file":
                FileBytes += value.Length;
                break;
            case "response_format":
                ResponseFormat = Encoding.UTF8.GetString(value);
                break;
            case "stream":
                Stream = value.SequenceEqual("true"u8) || value.SequenceEqual("True"u8);
                break;
        }
    }

    private static string? Name(string head)
    {
        foreach (var line in head.Split("\r\n"))
        {
            if (line.StartsWith("content-disposition:", StringComparison.OrdinalIgnoreCase))
            {
                return line.Split(';').Select(field => field.Trim())
                    .Where(field => field.StartsWith("name=", StringComparison.OrdinalIgnoreCase))
                    .Select(field => field[5..].Trim('"')).FirstOrDefault();
            }
        }
        return null;
    }

    private static AegisException Wrong(string place, string expected) =>
        ProtocolErrors.Malformed(place, expected, "none, or another");
}
