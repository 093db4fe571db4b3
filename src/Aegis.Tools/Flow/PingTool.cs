using System.ComponentModel.DataAnnotations;
using Aegis.Gate;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Flow;

/// <param name="Message">Comes back.</param>
public sealed record PingInput([property: StringLength(PingTool.MessageMax)] string? Message = null);

/// <param name="Actor">Who the gate takes the caller for.</param>
public sealed record PingOutputs(string Actor, string Tenant, string Project);

/// <summary><c>ping</c>: whether a caller's calls come through the gate, and as whom.</summary>
public sealed class PingTool : Tool<PingInput>
{
    public const int MessageMax = 1_000;

    public override ToolDescriptor Descriptor { get; } = new("ping", "tools:ping", ToolEffect.Pure,
        "Answers pong, or the message that it was given, with who the caller is.", RunsInline: true);

    protected override ValueTask<ToolResult> InvokeAsync(
        PingInput input, Execution execution, CancellationToken cancel)
    {
        var by = execution.Context.Principal;
        return ValueTask.FromResult(new ToolResult(true, input.Message ?? "pong", ToolJson.Element(
            new PingOutputs(by.Actor, by.Tenancy.Tenant, by.Tenancy.Project))));
    }
}
