using System.Text;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Gate.Redaction;

namespace Aegis.Gate;

/// <summary>What of a tool's answer may be seen and kept: masked, and cut to what a result holds.</summary>
internal static class ShownResult
{
    public static ToolResult Of(ToolResult result, string tool, Redactor redactor)
    {
        if (result.Outputs is { } json
            && Encoding.UTF8.GetByteCount(json.GetRawText()) > GateExecution.ResultBytesMax)
        {
            result = ToolResult.Fail(new AegisError("AEGIS2006", $"{tool} answered more than a result holds",
                $"at most {GateExecution.ResultBytesMax} bytes of outputs",
                $"{json.GetRawText().Length} characters"), result.ExitCode) with { CostUsd = result.CostUsd };
        }
        return result with
        {
            Text = result.Text is null ? null : Words(result.Text, redactor),
            Outputs = result.Outputs is { } shown ? Outputs(shown, redactor) : null,
            Content = result.Content is { } content
                ? [.. content.Select(part => Part(part, redactor))] : null,
            Patches = result.Patches is { } patches
                ? [.. patches.Select(p => p with { Text = redactor.Redact(p.Text) })] : null,
        };
    }

    // pictures and sounds are bytes that no mask can stand in
    private static ToolContent Part(ToolContent part, Redactor redactor) => part switch
    {
        ToolContent.Words e => e with { Text = Words(e.Text, redactor) },
        ToolContent.Document e => e with { Text = Words(e.Text, redactor) },
        _ => part,
    };

    /// <summary>A mask stands inside strings, so that the JSON stays JSON; where it would not, nothing is
    /// shown.</summary>
    private static JsonElement? Outputs(JsonElement outputs, Redactor redactor)
    {
        var raw = outputs.GetRawText();
        var masked = redactor.Redact(raw);
        if (masked == raw)
        {
            return outputs;
        }
        try
        {
            return JsonElement.Parse(masked);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The end of it is what tells how it went.</summary>
    private static string Words(string text, Redactor redactor)
    {
        text = redactor.Redact(text);
        if (Encoding.UTF8.GetByteCount(text) <= GateExecution.ResultBytesMax)
        {
            return text;
        }
        var bytes = Encoding.UTF8.GetBytes(text).AsSpan();
        var from = bytes.Length - GateExecution.ResultBytesMax;
        while (from < bytes.Length && (bytes[from] & 0xC0) == 0x80)
        {
            from++;
        }
        return Encoding.UTF8.GetString(bytes[from..]);
    }
}
