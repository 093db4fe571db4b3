using System.ComponentModel.DataAnnotations;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Files;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Git;

/// <param name="Branch">Default: the branch that the work tree is on.</param>
/// <param name="Force">Moves the branch even where commits are lost by it.</param>
public sealed record GitPushInput(
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Path = WorkTree.DefaultPath,
    [property: StringLength(RefName.LengthMax, MinimumLength = 1)] string? Branch = null,
    bool Force = false);

/// <summary>Pushes a branch of a work tree to the run's repository.</summary>
public sealed class GitPush : Tool<GitPushInput>
{
    public override ToolDescriptor Descriptor { get; } = new("git.push", "tools:git", ToolEffect.Reconcilable,
        "Pushes a branch of the work tree to the run's repository.", UsesWorkspace: true,
        Programs: [HostGit.Program]);

    protected override AegisError? Judge(GitPushInput input) => WorkPath.Wrong(input.Path, "path")
        ?? (input.Branch is { } name && !RefName.IsBranch(name) ? RefName.Refused("branch", name) : null);

    protected override async ValueTask<ToolResult> InvokeAsync(GitPushInput input, Execution execution,
        CancellationToken cancel)
    {
        var (plan, error) = await PlanAsync(input, execution, cancel);
        if (plan is null)
        {
            return ToolResult.Fail(error!);
        }
        error = await Publication.PushAsync(execution, plan.Bare, plan.Path, plan.Target, input.Force,
            cancel);
        return error is null ? Pushed(plan.Target) : ToolResult.Fail(error);
    }

    protected override async ValueTask<ProbeResult> ProbeAsync(GitPushInput input, Execution execution,
        CancellationToken cancel)
    {
        var (plan, _) = await PlanAsync(input, execution, cancel);
        if (plan is null)
        {
            // a call that cannot even begin answers with its own error when it runs
            return new ProbeResult.NotHappened();
        }
        var (sha, error) = await Publication.ShaAsync(execution, plan.Bare, plan.Target.Branch, cancel);
        return error is not null ? new ProbeResult.Unknown(error.ToString())
            : sha == plan.Target.Sha ? new ProbeResult.Happened(Pushed(plan.Target))
            : new ProbeResult.NotHappened();
    }

    private static async ValueTask<(Plan? Plan, AegisError? Error)> PlanAsync(GitPushInput input,
        Execution execution, CancellationToken cancel)
    {
        if (!WorkPath.TryResolve(input.Path, out var path, out var error)
            || BareRepository.Of(execution.Context, null, out error) is not { } bare)
        {
            return (null, error);
        }
        if (input.Branch is { } named && !RefName.IsBranch(named))
        {
            return (null, RefName.Refused("branch", named));
        }
        (var head, error) = await WorkTree.HeadAsync(execution, "git.push", path, input.Branch, cancel);
        if (head is null)
        {
            return (null, error);
        }
        return (input.Branch ?? head.Branch) is { } branch
            ? (new Plan(bare, path, new BranchTarget(branch, $"refs/heads/{branch}", head.Sha)), null)
            : (null, new AegisError(
            "AEGIS2134", "the work tree is on no branch", "a branch, or the input branch",
                head.Sha[..12], "make one with git.branch"));
    }

    private static ToolResult Pushed(BranchTarget target) => new(true,
        $"pushed {target.Branch} at {target.Sha[..12]}",
        ToolJson.Element(new { branch = target.Branch, sha = target.Sha }));

    private sealed record Plan(BareRepository Bare, string Path, BranchTarget Target);
}
