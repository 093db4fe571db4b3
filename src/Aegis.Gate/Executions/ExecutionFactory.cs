using Aegis.Gate.Budgets;
using Aegis.Gate.Logs;
using Aegis.Gate.Peers;
using Aegis.Gate.Policies;
using Aegis.Gate.Redaction;
using Aegis.Gate.Terminals;
using Aegis.Processes;
using Aegis.Sandbox;

namespace Aegis.Gate;

/// <summary>Makes an Execution for each admitted call. Without parts (a bench of pure tools) an Execution can
/// reach nothing.</summary>
public sealed class ExecutionFactory(ExecutionParts? parts)
{
    public ValueTask<GateExecution> OpenAsync(
        GateCall call, ToolDescriptor descriptor, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return ValueTask.FromResult(new GateExecution(parts, call, descriptor));
    }
}

/// <summary>A secret that a call wants, and what for.</summary>
/// <param name="Target">Where it is to be sent; a secret that is bound to other hosts is refused.</param>
public sealed record SecretAsk(Core.Tenancy Tenancy, string Name, Ledger.Secrets.SecretUse Use,
    Core.Policy.EgressTarget? Target);

/// <summary>The host's capabilities, held by the gate alone.</summary>
public sealed record ExecutionParts(SandboxRunner Sandbox, ProcessLauncher Launcher, CallLogs Logs,
    ProfileShelf Profiles, HttpClient Http, ExecutionOptions Options, Redactor Redactor)
{
    /// <summary>A secret of a tenancy by its name; null on a node without a vault.</summary>
    public Func<SecretAsk, CancellationToken, ValueTask<string?>>? Secret { get; init; }

    /// <summary>The callers' own keys of models; null on a node without a vault.</summary>
    public Models.Keyring? Keys { get; init; }

    /// <summary>Outside MCP servers; null on a node without any.</summary>
    public Federation.FederationParts? Federation { get; init; }

    /// <summary>What runs in sandboxes of this node.</summary>
    public LiveCommands Live { get; init; } = new();

    /// <summary>The terminals of this node.</summary>
    public LiveTerminals Terminals { get; init; } = new(TimeProvider.System);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Who waits at this node's doors for the ends of runs.</summary>
    public RunPeers Waiting { get; init; } = new();

    /// <summary>The secrets that a call's commands may send by placeholder; null on a node without a
    /// vault.</summary>
    public Func<CallContext, CancellationToken, ValueTask<CommandSecrets?>>? EgressSecrets { get; init; }

    /// <summary>Bounds what models' calls use; null on a node that does not.</summary>
    public BudgetRoom? Budgets { get; init; }

    /// <summary>The policy that a call is held to, for its limits.</summary>
    public PolicyShelf? Policies { get; init; }

    /// <summary>Where conversations with models are taken down; null on a node that keeps none.</summary>
    public Models.RecordingShelf? Recordings { get; init; }

    /// <summary>What was learned from failures; null on a node that keeps nothing.</summary>
    public Vaccines.VaccineDesk? Vaccines { get; init; }

    /// <summary>Told what vaccines stop.</summary>
    public IVaccines Watch { get; init; } = NoVaccines.Instance;

    /// <summary>Where artifacts are; null before the engine has started.</summary>
    public Func<IArtifactShelf?> Artifacts { get; init; } = () => null;

    /// <summary>Where programs are served; null before the engine has started.</summary>
    public Func<Deployments.IDeployments?> Deployments { get; init; } = () => null;

    /// <summary>What stacks keep; null on a node without a vault.</summary>
    public Stacks.StackDesk? Stacks { get; init; }

    /// <summary>Keeps a secret of a project; null on a node without a vault.</summary>
    public Func<Principal, string, string, CancellationToken, ValueTask>? KeepSecret { get; init; }

    /// <summary>Where calls take locks; null before the engine has started.</summary>
    public Func<Deployments.ICallLocks?> Locks { get; init; } = () => null;
}
