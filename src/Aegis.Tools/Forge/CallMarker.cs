using System.Text.Json;
using Aegis.Gate;

namespace Aegis.Tools.Forge;

/// <summary>A line that an act leaves in what it makes, by which recovery and a retry know it again: the
/// call's id without its attempt. Invisible where Markdown is shown.</summary>
internal static class CallMarker
{
    public static string Of(CallContext context) => $"<!-- {IdOf(context)} -->";

    /// <summary>The same for a member that holds nothing else.</summary>
    public static string IdOf(CallContext context)
    {
        // run.step.attempt.n, where the step may hold dots: the last part is the call's number
        var number = context.CallId[(context.CallId.LastIndexOf('.') + 1)..];
        return $"aegis:{context.Run}.{context.StepId}.{number}";
    }

    public static string Append(string body, string marker) =>
        body.Length == 0 ? marker : $"{body.TrimEnd()}\n\n{marker}";

    public static bool IsIn(JsonElement item, string marker) =>
        item.TryGetProperty("body", out var body) && body.ValueKind == JsonValueKind.String
        && body.GetString()!.Contains(marker, StringComparison.Ordinal);
}
