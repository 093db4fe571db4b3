using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Plans;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Audits;
using Aegis.Gate.Budgets;
using Aegis.Gate.Turns;
using Aegis.Sandbox;

namespace Aegis.Gate;

/// <summary>Who asks: a key's or token's holder, with what they may do.</summary>
/// <param name="Actor">Text for the record, such as <c>key:admin</c>.</param>
public sealed record Principal(string Actor, Tenancy Tenancy, ImmutableHashSet<string> Scopes)
{
    /// <summary>The only tools that it may call, for one who acts in another's name with less: an agent. Null
    /// for all that the scopes give.</summary>
    public ImmutableHashSet<string>? ToolsOnly { get; init; }

    /// <summary><c>admin:*</c> holds everything; <c>tools:*</c> every scope that begins with
    /// <c>tools:</c>.</summary>
    public bool Holds(string scope) =>
        Scopes.Contains(scope) || Scopes.Contains("admin:*")
        || (scope.IndexOf(':', StringComparison.Ordinal) is var colon and > 0
            && Scopes.Contains(scope[..(colon + 1)] + "*"));
}

/// <summary>The repository a run works on: a bare repository of the local forge.</summary>
/// <param name="Name">The repository's name in the project.</param>
/// <param name="BarePath">The bare repository on this host; never a work tree.</param>
/// <param name="Branch">The branch the run was started for.</param>
/// <param name="Sha">The commit it was started at, 40 hex digits.</param>
/// <param name="DefaultBranch">The base of pull requests unless the step names another.</param>
public sealed record RunRepository(
    string Name, string BarePath, string Branch, string Sha, string DefaultBranch);

/// <summary>Everything a call is judged by and carried out with: pure data, made by the engine.</summary>
/// <param name="CallId"><c>run.step.attempt.n</c>; unique, stable across recovery of the same
/// attempt.</param>
/// <param name="Env">The task's environment, expressions already rendered.</param>
/// <param name="BudgetLeftUsd">What the run may still spend; null for no cap.</param>
/// <param name="Deadline">When the attempt must have ended, on this host's clock.</param>
/// <param name="Grant">What a human let pass for this very call.</param>
public sealed record CallContext(
    Principal Principal,
    RunId Run,
    string StepId,
    int Attempt,
    string CallId,
    PlanPolicy Policy,
    ImmutableSortedDictionary<string, string> Env,
    RunRepository? Repository,
    AttemptWorkspace? Workspace,
    decimal? BudgetLeftUsd,
    DateTimeOffset Deadline,
    int? ProfileVersion = null,
    GateGrant? Grant = null)
{
    /// <summary>The caps on cost of the run and of those that it is a step of; none for a call outside of
    /// runs.</summary>
    public ImmutableArray<RunBudget> RunBudgets { get; init; } = [];

    /// <summary>Which turn of an agent's loop this call is; null for every other call.</summary>
    public AgentTurn? Turn { get; init; }

    /// <summary>What the audits of the run say; null for a call outside of runs.</summary>
    public RunAudits? Audits { get; init; }
}
