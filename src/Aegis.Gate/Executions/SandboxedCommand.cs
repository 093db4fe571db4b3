using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;
using Aegis.Sandbox;
using Aegis.Sandbox.Egress;

namespace Aegis.Gate;

/// <summary>A tool's command as a sandbox run: the attempt's overlay, the node's mounts, what is left of the
/// attempt's time.</summary>
internal static class SandboxedCommand
{
    public static async ValueTask<CommandResult> RunAsync(GateExecution execution, SandboxCommand command,
        CancellationToken cancel)
    {
        // first: what the proxy sends for it must be masked in all that is captured
        var spec = await SpecAsync(execution, command, cancel);
        var (stdout, stderr) = (new TailCapture(execution.Redactor, command.CaptureBytesMax),
            new TailCapture(execution.Redactor, command.CaptureBytesMax));
        var log = command.Quiet || command.StdoutFile is not null ? null : execution.OpenLog();
        var io = new SandboxIo(command.Stdin, command.StdinFile, async (channel, bytes) =>
        {
            if (channel == OutputChannel.Stdout && command.OnStdout is { } whole)
            {
                await whole(bytes);
                return;
            }
            (channel == OutputChannel.Stdout ? stdout : stderr).Add(bytes.Span);
            if (log is not null)
            {
                await log.WriteAsync(bytes, channel);
            }
        }, command.StdoutFile, StdinStream: command.StdinStream);
        CommandUsage? usage = null;
        var outcome = await MeteredAsync(execution, spec, io, cancel, meter => usage = meter.Usage);
        cancel.ThrowIfCancellationRequested();
        execution.Walled(outcome.Walls);
        return new CommandResult(
            outcome.ExitCode ?? 128 + outcome.Signal!.Value, outcome.TimedOut, stdout.Finish(),
            stderr.Finish(), stdout.Total, stderr.Total) { Usage = usage };
    }

    public static async ValueTask<SandboxSpec> SpecAsync(
        GateExecution execution, SandboxCommand command, CancellationToken cancel)
    {
        var (context, options) = (execution.Context, execution.Parts.Options);
        var env = options.SandboxEnv.SetItems(context.Env);
        var limits = command.Timeout is { } timeout && timeout < options.Limits.WallTimeMax
            ? options.Limits with { WallTimeMax = timeout }
            : options.Limits with { WallTimeMax = command.Timeout ?? options.Limits.WallTimeMax };
        if (command.MemoryBytesMax is { } memory && !(memory > limits.MemoryBytesMax))
        {
            limits = limits with { MemoryBytesMax = memory };
        }
        var spec = new SandboxSpec(context.CallId, command.Argv, command.WorkingDirectory,
            command.Env is null ? env : env.SetItems(command.Env), context.Workspace, options.Mounts, limits,
            command.Pty, await NetworkAsync(execution, context.Policy.EgressAllow, cancel));
        return Surround(spec, (await execution.ProfileAsync(cancel)).Sandbox);
    }

    /// <summary>Runs it where its use of the machine can be seen.</summary>
    /// <param name="ended">Given the meter when it is over.</param>
    public static async ValueTask<SandboxOutcome> MeteredAsync(GateExecution execution, SandboxSpec spec,
        SandboxIo io, CancellationToken cancel, Action<CommandMeter>? ended = null)
    {
        CommandMeter? meter = null;
        try
        {
            return await execution.Parts.Sandbox.RunAsync(spec, io with
            {
                OnStart = root =>
                {
                    meter = new CommandMeter(root, execution.Parts.Time);
                    execution.Parts.Live.Add(execution.Context.Run, meter);
                },
                OnEgress = execution.Asked,
            }, cancel);
        }
        finally
        {
            if (meter is not null)
            {
                ended?.Invoke(meter);
                execution.Parts.Live.Remove(execution.Context.Run, meter);
                meter.Dispose();
            }
        }
    }

    /// <summary>Where a command may go. One that may go nowhere gets no proxy: it would only say
    /// no.</summary>
    public static async ValueTask<ProxyNetwork?> NetworkAsync(GateExecution execution,
        ImmutableArray<string> allow, CancellationToken cancel)
    {
        var (context, parts) = (execution.Context, execution.Parts);
        if (allow.IsDefaultOrEmpty)
        {
            return null;
        }
        var profile = await execution.ProfileAsync(cancel);
        var secrets = parts.EgressSecrets is { } find
            ? await find(context, cancel) : null;
        // before the command's output is captured: what a host sends back must not reach the record
        foreach (var value in secrets?.Values ?? [])
        {
            execution.Mask(value);
        }
        return new ProxyNetwork(allow, parts.Options.Egress, secrets)
        {
            Ceiling = profile.Policies.EgressAllow,
            OpensTls = profile.EgressOpensTls,
        };
    }

    /// <summary>With the kind and the walls that the profile demands.</summary>
    public static SandboxSpec Surround(SandboxSpec spec, SandboxProfile profile) => spec with
    {
        Kind = SandboxKinds.Parse(profile.Kind) ?? throw new InvariantViolationException(
            $"a profile named the sandbox kind {profile.Kind}"),
        Image = profile.Image,
        RequiredWalls = [.. profile.Walls],
    };
}
