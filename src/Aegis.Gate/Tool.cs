using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Vaccines;

namespace Aegis.Gate;

/// <summary>A named capability. It reaches processes, files, models and the network only through the
/// <see cref="Execution"/> it is handed; only the gate calls it.</summary>
public abstract class Tool
{
    private object? schema;

    public abstract ToolDescriptor Descriptor { get; }

    /// <summary>The input's record type; its JSON schema is generated from it.</summary>
    public abstract Type InputType { get; }

    /// <summary>The JSON schema of its input.</summary>
    public JsonElement Schema => (JsonElement)(schema ??= ToolSchema.Of(this));

    /// <summary>A schema that the tool brings along, of an input that no record of ours binds.</summary>
    public virtual JsonElement? OwnSchema => null;

    /// <summary>The schema of its outputs; null where they have no fixed form.</summary>
    public virtual JsonElement? OutputSchema => null;

    /// <summary>Why nobody may call it for the time being; null while it is open.</summary>
    public virtual AegisError? Closed => null;

    /// <summary>Binds strictly and returns what is wrong, or null. Called at plan time for constant
    /// inputs.</summary>
    public abstract AegisError? Check(JsonElement input);

    /// <summary>The command line in this input, which the workflow's allow_commands must allow; null where
    /// the tool takes none.</summary>
    public virtual string? CommandLine(JsonElement input) => null;

    /// <summary>The address in this input whose host the workflow's egress_allow must name; null where the
    /// tool takes none.</summary>
    public virtual string? EgressUrl(JsonElement input) => null;

    /// <summary>The files that a call with this input would write, as far as the input alone tells.</summary>
    public virtual IEnumerable<ProposedFile> Writes(JsonElement input) => [];

    /// <summary>The most tokens of a model that a call with this input can use; null where it asks none.
    /// </summary>
    public virtual long? TokensMax(JsonElement input) => null;

    public abstract ValueTask<ToolResult> InvokeAsync(JsonElement input, Execution execution,
        CancellationToken cancel);

    /// <summary>Makes the call of the execution's <see cref="Execution.Client"/>, which is read
    /// already.</summary>
    public virtual ValueTask<ToolResult> AnswerAsync(Execution execution, CancellationToken cancel) =>
        throw new InvariantViolationException($"{Descriptor.Name} answers no clients");

    /// <summary>Asks the outside whether the call took place. Only for <see
    /// cref="ToolEffect.Reconcilable"/>.</summary>
    public virtual ValueTask<ProbeResult> ProbeAsync(JsonElement input, Execution execution,
        CancellationToken cancel) =>
        ValueTask.FromResult<ProbeResult>(new ProbeResult.Unknown($"{Descriptor.Name} has no probe"));
}

/// <summary>A tool whose input is a record: unknown and duplicate members are refused, bounds are attributes
/// of System.ComponentModel.DataAnnotations.</summary>
public abstract class Tool<TInput> : Tool
    where TInput : class
{
    public sealed override Type InputType => typeof(TInput);

    public sealed override AegisError? Check(JsonElement input) =>
        ToolInput.TryBind<TInput>(Descriptor.Name, input, out var bound, out var error)
            ? Judge(bound) ?? Unreadable(CommandLine(input))
            : error;

    public sealed override ValueTask<ToolResult> InvokeAsync(JsonElement input, Execution execution,
        CancellationToken cancel) =>
        ToolInput.TryBind<TInput>(Descriptor.Name, input, out var bound, out var error)
            && (error = Judge(bound)) is null
            ? InvokeAsync(bound, execution, cancel)
            : ValueTask.FromResult(ToolResult.Fail(error!));

    public sealed override ValueTask<ProbeResult> ProbeAsync(JsonElement input, Execution execution,
        CancellationToken cancel) =>
        ToolInput.TryBind<TInput>(Descriptor.Name, input, out var bound, out _)
            ? ProbeAsync(bound, execution, cancel)
            : ValueTask.FromResult<ProbeResult>(new ProbeResult.NotHappened());

    public sealed override long? TokensMax(JsonElement input) =>
        ToolInput.TryBind<TInput>(Descriptor.Name, input, out var bound, out _) ? TokensMax(bound) : null;

    /// <summary>The input as a record; null where it does not bind.</summary>
    protected TInput? Bound(JsonElement input) =>
        ToolInput.TryBind<TInput>(Descriptor.Name, input, out var bound, out _) ? bound : null;

    /// <summary>As for any input.</summary>
    protected virtual long? TokensMax(TInput input) => null;

    // what the grammar does not know is denied whatever the policy says, so a plan need not wait for that
    private static AegisError? Unreadable(string? command) =>
        command is not null && Core.Policy.CommandLine.Parse(command).Error is { } error
            ? error with
            {
                Place = new ErrorPlace(ErrorPlace.Step(Core.Expressions.Template.CommandKey),
                    error.Place?.Offset ?? 0),
            }
            : null;

    /// <summary>What is wrong with an input of the right form, whatever the workspace and the world look
    /// like; null for nothing. Asked at plan time for constant inputs, and before every call.</summary>
    protected virtual AegisError? Judge(TInput input) => null;

    protected abstract ValueTask<ToolResult> InvokeAsync(TInput input, Execution execution,
        CancellationToken cancel);

    protected virtual ValueTask<ProbeResult> ProbeAsync(TInput input, Execution execution,
        CancellationToken cancel) =>
        ValueTask.FromResult<ProbeResult>(new ProbeResult.Unknown($"{Descriptor.Name} has no probe"));
}
