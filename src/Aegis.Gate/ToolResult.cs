using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Audits;
using Aegis.Core.Runs.Children;

namespace Aegis.Gate;

/// <summary>What a tool answers. A failed command is an answer (Ok = false), not an exception.</summary>
/// <param name="Text">What <c>steps.X.output</c> shows, at most 64 KiB (the gate cuts it).</param>
/// <param name="Outputs">A JSON object: <c>steps.X.outputs.NAME</c>, at most 64 KiB.</param>
/// <param name="Error">Set exactly when Ok is false.</param>
/// <param name="CostUsd">What the call cost; zero for everything but models.</param>
/// <param name="AddedSteps">Steps that the call adds to its run: an array in the workflow language.</param>
/// <param name="Child">The run that the call asks for; the step ends with it.</param>
public sealed record ToolResult(
    bool Ok, string? Text = null, JsonElement? Outputs = null, int? ExitCode = null,
    AegisError? Error = null, decimal CostUsd = 0, JsonElement? AddedSteps = null,
    ChildRequest? Child = null)
{
    /// <summary>Parts of the answer for a caller that can show more than text; a run does not keep
    /// them.</summary>
    public ImmutableArray<ToolContent>? Content { get; init; }

    /// <summary>The verdict of a call that audited; a fact of its run.</summary>
    public AuditVerdict? Audit { get; init; }

    /// <summary>Changes of files that the call proposed, made and took back; facts of its run.</summary>
    public ImmutableArray<PatchFact>? Patches { get; init; }

    public static ToolResult Fail(AegisError error, int? exitCode = null, string? text = null,
        JsonElement? outputs = null) => new(false, text, outputs, exitCode, error);
}

/// <summary>What the outside said about a call whose end is unknown.</summary>
public abstract record ProbeResult
{
    private ProbeResult()
    {
    }

    /// <summary>The act took place; this is its result.</summary>
    public sealed record Happened(ToolResult Result) : ProbeResult;

    /// <summary>It did not take place: run it.</summary>
    public sealed record NotHappened : ProbeResult;

    /// <summary>It cannot be told: a human decides.</summary>
    public sealed record Unknown(string Why) : ProbeResult;
}
