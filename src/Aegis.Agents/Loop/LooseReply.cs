using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Gate.Turns;

namespace Aegis.Agents.Loop;

/// <summary>An answer whose calls are broken: cut off in the middle, no JSON, without a name. The readers of
/// protocols refuse it; here the model is told what is wrong, which needs its words.</summary>
internal static class LooseReply
{
    public static (string Text, ImmutableArray<AskedCall> Calls)? Read(ReadOnlySpan<byte> body)
    {
        try
        {
            var message = JsonElement.Parse(body).GetProperty("choices")[0].GetProperty("message");
            return (Text(message, "content"), message.TryGetProperty("tool_calls", out var calls)
                ? [.. calls.EnumerateArray().Select(Call)] : []);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException
            or IndexOutOfRangeException)
        {
            return null;
        }
    }

    private static AskedCall Call(JsonElement call)
    {
        var function = call.GetProperty("function");
        return new AskedCall(Text(call, "id"), Text(function, "name"), Text(function, "arguments"));
    }

    private static string Text(JsonElement of, string member) => !of.TryGetProperty(member, out var value)
        || value.ValueKind == JsonValueKind.Null ? ""
        : value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
