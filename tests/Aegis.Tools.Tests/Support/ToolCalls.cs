using System.Text.Json;
using Aegis.Gate;

namespace Aegis.Tools.Tests.Support;

/// <summary>Calls tools as the gate does: by JSON.</summary>
public static class ToolCalls
{
    public static async Task<ToolResult> CallAsync(this Tool tool, Execution execution, object input)
    {
        var json = JsonSerializer.SerializeToElement(input);
        // what the gate refuses before the call is a failure of the call, too
        return tool.Check(json) is { } refused
            ? ToolResult.Fail(refused)
            : await tool.InvokeAsync(json, execution, CancellationToken.None);
    }

    public static ValueTask<ProbeResult> ProbeByJsonAsync(
        this Tool tool, Execution execution, object input) =>
        tool.ProbeAsync(JsonSerializer.SerializeToElement(input), execution, CancellationToken.None);

    public static string OutputsText(this ToolResult result) => result.Outputs?.GetRawText() ?? "";

    public static JsonElement Output(this ToolResult result, string name) =>
        result.Outputs!.Value.GetProperty(name);

    /// <summary>Asserts that the call went well, showing the error where it did not.</summary>
    public static ToolResult MustWork(this ToolResult result)
    {
        Assert.True(result.Ok, $"{result.Error} {result.Text}");
        Assert.Null(result.Error);
        return result;
    }

    public static void MustFail(this ToolResult result, string code)
    {
        Assert.False(result.Ok);
        Assert.True(code == result.Error?.Code, $"expected {code}, got {result.Error}");
    }
}
