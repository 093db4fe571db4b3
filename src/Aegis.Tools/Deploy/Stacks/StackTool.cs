using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Aegis.Core.Deployments.Stacks;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Gate.Deployments;
using Aegis.Ledger.Stacks;
using Aegis.Tools.Files;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Deploy.Stacks;

/// <summary>Terraform or OpenTofu on a folder of the workspace: plan, approve that plan, apply it.</summary>
public sealed class DeployTerraform(TimeProvider? time = null) : StackTool(StackProgram.Terraform, time);

/// <summary>Pulumi on a folder of the workspace: plan, approve that plan, apply it.</summary>
public sealed class DeployPulumi(TimeProvider? time = null) : StackTool(StackProgram.Pulumi, time);

/// <summary>
/// Infrastructure by a program that plans. 1. plan: the program's saved plan is sealed, and named by its
/// hash; what it would do is an artifact without values that are sensitive, and words for whoever approves.
/// 2. apply names the hash and the words: both are part of what is approved, both are held against what was
/// sealed, and nothing else is applied. 3. The state is sealed in versions; see <see cref="StackScript"/> for
/// how it gets into the sandbox and out. 4. An apply that was interrupted, by whomever, is never begun again:
/// its plan is used up, and what it came to is what the next plan finds.
/// </summary>
public abstract class StackTool : Tool<StackInput>
{
    /// <summary>Where the sandbox has what an operator keeps elsewhere than below <c>/usr</c>.</summary>
    public const string ProgramsFolder = "/opt/aegis/stacks";

    private readonly StackProgram program;
    private readonly TimeProvider time;

    private protected StackTool(StackProgram program, TimeProvider? time)
    {
        (this.program, this.time) = (program, time ?? TimeProvider.System);
        Descriptor = new ToolDescriptor(program.Tool, "tools:deploy", ToolEffect.Reconcilable,
            $"Plans and applies infrastructure with {string.Join(" or ", program.Programs)}; "
                + "approved by the plan's hash, state sealed.",
            UsesWorkspace: true, Programs: program.Programs);
    }

    public sealed override ToolDescriptor Descriptor { get; }

    private string Target => program.Tool[(program.Tool.IndexOf('.', StringComparison.Ordinal) + 1)..];

    protected sealed override AegisError? Judge(StackInput input) => input.Fault(program);

    protected sealed override async ValueTask<ToolResult> InvokeAsync(StackInput input, Execution execution,
        CancellationToken cancel)
    {
        if (input.Action == StackInput.History)
        {
            return await HistoryAsync(input, execution, cancel);
        }
        await execution.MayPublishAsync(input.Name, Target, cancel);
        // a plan that is being applied is not ended because a lock was lost: half of it would be nobody's
        return await execution.HoldingAsync($"stack/{input.Name}", held => HeldAsync(new StackCall(program,
            input, execution, time, input.Action == StackInput.Apply ? cancel : held)), cancel);
    }

    private async ValueTask<ToolResult> HeldAsync(StackCall call)
    {
        await call.OpenAsync();
        return call.Input.Action switch
        {
            StackInput.PlanAction => await PlanAsync(call),
            StackInput.Apply => await ApplyAsync(call),
            StackInput.Restore => await RestoreAsync(call),
            _ => await RunAsync(call),
        };
    }

    /// <summary>Only apply changes what is outside; one that was begun and has no end asks a
    /// human.</summary>
    protected sealed override async ValueTask<ProbeResult> ProbeAsync(StackInput input, Execution execution,
        CancellationToken cancel)
    {
        if (input.Action != StackInput.Apply
            || (await execution.Stacks.ListAsync(input.Name, StackFile.Plan, cancel))
                .FirstOrDefault(p => p.Digest == input.Plan) is not { Used: not null } plan
            || plan.UsedBy != execution.Context.CallId)
        {
            return new ProbeResult.NotHappened();
        }
        var call = new StackCall(program, input with { Action = StackInput.Output }, execution, time, cancel,
            probes: true);
        await call.OpenAsync();
        return plan.Used switch
        {
            StackFile.Done => await AppliedAsync(call),
            StackFile.Failed => new ProbeResult.Happened(InPart(call, new AegisError("AEGIS2681",
                $"{program.Tool} apply failed, or was stopped", "exit code 0", null))),
            _ => new ProbeResult.Unknown($"{program.Tool} was applying the plan {input.Plan![..12]} of "
                + $"{input.Name} when the server died; the state is {Known(call)}. Answer that the step "
                + "failed, plan again, and have that plan approved: what it wants to make anew may be there, "
                + "if the last second made it"),
        };
    }

    /// <summary>It was applied, and nobody was told: the outputs are read from the state.</summary>
    private async Task<ProbeResult> AppliedAsync(StackCall call)
    {
        var run = await call.RunAsync(null);
        return call.Fault(run) is { } fault
            ? new ProbeResult.Unknown($"{call.Input.Name} was applied to the end, and its outputs cannot be "
                + $"read: {fault.Message}; got {fault.Got}")
            : new ProbeResult.Happened(await OutputsAsync(call, run, "applied to"));
    }

    private async Task<ToolResult> RunAsync(StackCall call)
    {
        var run = await call.RunAsync(null);
        return call.Fault(run) is { } fault ? ToolResult.Fail(fault)
            : call.Input.Action == StackInput.Output ? await OutputsAsync(call, run, "the outputs of")
            : new ToolResult(true, $"{call.Input.Name} is ready to plan",
                ToolJson.Element(new { name = call.Input.Name, state = call.Version }));
    }

    private async Task<ToolResult> PlanAsync(StackCall call)
    {
        var run = await call.RunAsync(null);
        if (call.Fault(run) is { } fault)
        {
            return ToolResult.Fail(fault);
        }
        if (!run.Frames.TryGetValue("plan", out var plan) || !run.Frames.TryGetValue("json", out var json))
        {
            return ToolResult.Fail(new AegisError("AEGIS2681", $"{program.Tool} saved no plan", "a plan",
                null, OutputText.ReadTheLog));
        }
        PlanDiff diff;
        using (var read = JsonDocument.Parse(json))
        {
            diff = program.Diff(read.RootElement);
        }
        var (hash, words) = (Convert.ToHexStringLower(SHA256.HashData(plan)), diff.Summary());
        await call.Execution.Stacks.SealAsync(
            call.Input.Name, StackFile.Plan, words, call.Version, plan, call.Cancel);
        using var content = new MemoryStream(diff.ToJson());
        var artifact = await call.Execution.PutArtifactAsync(
            new ArtifactPut(null, $"plans/{call.Input.Name}.json", content), call.Cancel);
        return new ToolResult(true, words, ToolJson.Element(new
        {
            name = call.Input.Name,
            plan = hash,
            changes = words,
            add = diff.Add,
            change = diff.Change,
            destroy = diff.Destroy,
            empty = diff.Changes.IsEmpty && diff.Outputs.IsEmpty,
            state = call.Version,
            artifact = artifact?.ArtifactId,
            artifact_version = artifact?.Version,
        }));
    }

    private async Task<ToolResult> ApplyAsync(StackCall call)
    {
        var (input, stacks) = (call.Input, call.Execution.Stacks);
        var plan = (await stacks.ListAsync(input.Name, StackFile.Plan, call.Cancel))
            .FirstOrDefault(p => p.Digest == input.Plan);
        if (PlanFault(input, plan, call.Version) is { } refused)
        {
            return ToolResult.Fail(refused);
        }
        var bytes = await stacks.OpenAsync(input.Name, StackFile.Plan, plan!.Version, call.Cancel);
        if (bytes is null || !await stacks.UseAsync(input.Name, plan.Version, StackFile.Started, call.Cancel))
        {
            return ToolResult.Fail(NotThatPlan(input, "another call has applied it"));
        }
        var before = call.Version;
        var run = await call.RunAsync(bytes);
        var fault = call.Fault(run);
        // whatever becomes of the caller, what was made is known
        await stacks.UseAsync(input.Name, plan.Version, fault is null ? StackFile.Done : StackFile.Failed,
            CancellationToken.None);
        if (fault is not null)
        {
            return InPart(call, fault);
        }
        await call.Execution.PublishedAsync(new PublishedRelease(input.Name, Target, $"state-{call.Version}",
            before is null ? null : $"state-{before}", null), CancellationToken.None);
        return await OutputsAsync(call, run, "applied to");
    }

    private static ToolResult InPart(StackCall call, AegisError fault) => ToolResult.Fail(fault with
    {
        Code = "AEGIS2683",
        Mend = $"what was made is in the state, which is {Known(call)}; plan again, and have that approved",
    }, outputs: ToolJson.Element(new
    {
        name = call.Input.Name, plan = call.Input.Plan, state = call.Version,
    }));

    private static string Known(StackCall call) =>
        call.Version?.ToString(CultureInfo.InvariantCulture) ?? "none yet";

    private async Task<ToolResult> OutputsAsync(StackCall call, StackRun run, string what)
    {
        var outputs = run.Frames.TryGetValue("outputs", out var json)
            ? StackOutput.Read(json, run.Frames.GetValueOrDefault("shown")) : [];
        foreach (var (name, secret) in call.Input.SaveOutputs
            ?? ImmutableSortedDictionary<string, string>.Empty)
        {
            if (outputs.FirstOrDefault(o => o.Name == name) is not { } output)
            {
                return ToolResult.Fail(new AegisError("AEGIS2681", $"{call.Input.Name} has no output {name}",
                    "an output of the project", string.Join(", ", outputs.Select(o => o.Name)),
                    "correct save_outputs"));
            }
            // not call.Cancel: it may have come while the last of the plan was applied
            await call.Execution.KeepSecretAsync(secret, output.Text, CancellationToken.None);
        }
        return new ToolResult(true, $"{what} {call.Input.Name}: state {call.Version}", ToolJson.Element(new
        {
            name = call.Input.Name,
            plan = call.Input.Plan,
            state = call.Version,
            values = outputs.ToDictionary(o => o.Name,
                o => o.Sensitive ? JsonSerializer.SerializeToNode(PlanDiff.Masked) : o.Value),
            saved = (call.Input.SaveOutputs ?? ImmutableSortedDictionary<string, string>.Empty).Values,
        }));
    }

    private static async Task<ToolResult> RestoreAsync(StackCall call)
    {
        var (input, stacks) = (call.Input, call.Execution.Stacks);
        if (await stacks.OpenAsync(input.Name, StackFile.State, input.Version!.Value, call.Cancel)
            is not { } state)
        {
            return ToolResult.Fail(new AegisError("AEGIS2682",
                $"{input.Name} has no state {input.Version}", "a version that history lists", null,
                "use the action history"));
        }
        await call.KeepAsync(state, $"restored from {input.Version}");
        return new ToolResult(true, $"{input.Name} has state {call.Version}, as {input.Version} was",
            ToolJson.Element(new { name = input.Name, state = call.Version }));
    }

    private static async Task<ToolResult> HistoryAsync(
        StackInput input, Execution execution, CancellationToken cancel)
    {
        var states = await execution.Stacks.ListAsync(input.Name, StackFile.State, cancel);
        return new ToolResult(true, string.Join('\n', states.Select(s =>
                $"{s.Version} {s.MadeAt:yyyy-MM-dd HH:mm:ss} {s.Note} by {s.Actor} in {s.CallId}")),
            ToolJson.Element(new
            {
                name = input.Name,
                states = states.Select(s => new
                {
                    version = s.Version, made_at = s.MadeAt, note = s.Note, actor = s.Actor,
                    call_id = s.CallId, sha256 = s.Digest,
                }),
            }));
    }

    private static AegisError? PlanFault(StackInput input, StackFile? plan, int? state) =>
        plan is null ? NotThatPlan(input, "no plan of that hash is kept")
        : plan.Note != input.Changes ? NotThatPlan(input, "changes are not those of that plan")
        : plan.Base != state ? NotThatPlan(input, $"the state is {state?.ToString(
            CultureInfo.InvariantCulture) ?? "none"} by now, and was {plan.Base}")
        : plan.Used is StackFile.Done or StackFile.Failed ? NotThatPlan(input, $"it was applied: {plan.Used}")
        : null;

    private static AegisError NotThatPlan(StackInput input, string got) => new("AEGIS2682",
        $"the plan {input.Plan![..12]} of {input.Name} is not applied",
        "the newest plan of the stack as it stands, and the words that it was approved by", got,
        "plan again, and have that approved");
}
