using Aegis.Core.Errors;
using Aegis.Gate;

namespace Aegis.Tools.Models;

/// <summary>A tool that asks models. Clients who speak a protocol are answered in it; the tool's result says
/// then no more than how it went.</summary>
public abstract class ModelTool<TInput> : Tool<TInput>
    where TInput : class
{
    public sealed override async ValueTask<ToolResult> AnswerAsync(
        Execution execution, CancellationToken cancel)
    {
        var end = await execution.ModelAsync(execution.Client!.Call, cancel);
        cancel.ThrowIfCancellationRequested();
        return end.Error is { } error ? ToolResult.Fail(error) : new ToolResult(true);
    }
}
