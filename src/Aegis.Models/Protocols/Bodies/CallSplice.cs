using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Aegis.Models.Protocols.Bodies;

/// <summary>What of a body is said otherwise to a provider of the same protocol.</summary>
/// <param name="IncludeUsage">Whether a stream's usage is asked for, whatever the client did.</param>
/// <param name="MaxTokens">Null leaves the call's own.</param>
public readonly record struct CallEdit(string Model, bool IncludeUsage = false, int? MaxTokens = null)
{
    public CallWishes Wishes { get; init; } = Plain;

    private static CallWishes Plain { get; } = new();
}

/// <summary>Changes a body in place, byte for byte the same everywhere else. Only where members have to go
/// is the space between members not kept.</summary>
public static class CallSplice
{
    private static readonly byte[] True = "true"u8.ToArray();

    /// <param name="protocol">Of both sides.</param>
    public static byte[] Apply(ReadOnlySpan<byte> body, CallOutline outline, CallEdit edit,
        WireProtocol protocol)
    {
        var changes = new List<Change>(4);
        var added = new StringBuilder();
        Model(outline, edit, changes);
        if (edit.IncludeUsage && protocol == WireProtocol.OpenAi && outline is { Stream: true })
        {
            Usage(outline, changes, added);
        }
        Tokens(outline, edit, protocol, changes, added);
        if (!edit.Wishes.Without.IsEmpty)
        {
            return Without(body, outline, edit, changes, added.ToString());
        }
        if (added.Length > 0)
        {
            var end = outline.Members[^1].End;
            changes.Add(new(end, end, Encoding.UTF8.GetBytes(added.ToString())));
        }
        return InPlace(body, changes);
    }

    private static void Model(CallOutline outline, CallEdit edit, List<Change> changes)
    {
        if (edit.Model != outline.Model && outline.Find(KnownMember.Model) is { } model)
        {
            changes.Add(new(model.Value, model.End,
                Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(edit.Model)}\"")));
        }
    }

    private static void Usage(CallOutline outline, List<Change> changes, StringBuilder added)
    {
        if (outline.StreamUsage)
        {
            return;
        }
        if (outline.Options is not { } options)
        {
            added.Append(",\"stream_options\":{\"include_usage\":true}");
        }
        else if (options.Open == 0)
        {
            var whole = outline.Find(KnownMember.StreamOptions)!.Value;
            changes.Add(new(whole.Value, whole.End, "{\"include_usage\":true}"u8.ToArray()));
        }
        else if (options.Value > 0)
        {
            changes.Add(new(options.Value, options.End, True));
        }
        else
        {
            changes.Add(new(options.Open, options.Open, Encoding.UTF8.GetBytes(
                "\"include_usage\":true" + (options.IsEmpty ? "" : ","))));
        }
    }

    private static void Tokens(CallOutline outline, CallEdit edit, WireProtocol protocol,
        List<Change> changes, StringBuilder added)
    {
        var tokens = edit.MaxTokens ?? outline.MaxTokens;
        if (tokens is not { } most || (edit.MaxTokens is null && protocol != WireProtocol.OpenAi))
        {
            return;
        }
        var name = protocol switch
        {
            WireProtocol.Responses => "max_output_tokens",
            WireProtocol.OpenAi when edit.Wishes.MaxCompletionTokens => "max_completion_tokens",
            _ => "max_tokens",
        };
        var member = string.Create(CultureInfo.InvariantCulture, $"\"{name}\":{most}");
        if (outline.Find(KnownMember.MaxTokens) is not { } there)
        {
            added.Append(',').Append(member);
        }
        else if (edit.MaxTokens is not null
            || edit.Wishes.MaxCompletionTokens != outline.SaysCompletionTokens)
        {
            changes.Add(new(there.Name, there.End, Encoding.UTF8.GetBytes(member)));
        }
    }

    private static byte[] InPlace(ReadOnlySpan<byte> body, List<Change> changes)
    {
        changes.Sort(static (a, b) => a.Start.CompareTo(b.Start));
        var length = body.Length;
        foreach (var change in changes)
        {
            length += change.Bytes.Length - (change.End - change.Start);
        }
        var spliced = new byte[length];
        int from = 0, to = 0;
        foreach (var change in changes)
        {
            body[from..change.Start].CopyTo(spliced.AsSpan(to));
            to += change.Start - from;
            change.Bytes.CopyTo(spliced.AsSpan(to));
            to += change.Bytes.Length;
            from = change.End;
        }
        body[from..].CopyTo(spliced.AsSpan(to));
        return spliced;
    }

    private static byte[] Without(ReadOnlySpan<byte> body, CallOutline outline, CallEdit edit,
        List<Change> changes, string added)
    {
        var spliced = new ArrayBufferWriter<byte>(body.Length + 64);
        spliced.Write("{"u8);
        foreach (var member in outline.Members)
        {
            var name = new Utf8JsonReader(body[member.Name..member.Value]);
            if (name.Read() && edit.Wishes.Omits(name.GetString()!))
            {
                continue;
            }
            if (spliced.WrittenCount > 1)
            {
                spliced.Write(","u8);
            }
            var inside = changes.Where(change => change.Start >= member.Name && change.End <= member.End)
                .Select(change => change with
                {
                    Start = change.Start - member.Name,
                    End = change.End - member.Name,
                }).ToList();
            spliced.Write(InPlace(body[member.Name..member.End], inside));
        }
        // what is added begins with a comma
        spliced.Write(Encoding.UTF8.GetBytes(
            spliced.WrittenCount > 1 || added.Length == 0 ? added : added[1..]));
        spliced.Write("}"u8);
        return spliced.WrittenSpan.ToArray();
    }

    private readonly record struct Change(int Start, int End, byte[] Bytes);
}
