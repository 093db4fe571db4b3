using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Files;
using Aegis.Tools.Git;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Forge;

/// <param name="Base">What it is to be merged into; default: the repository's default branch.</param>
/// <param name="Head">The branch with the commits; default: the work tree's, or <c>aegis/RUN</c> where that
/// is the base or none.</param>
/// <param name="Push">Pushes the head branch first.</param>
public sealed record PullRequestCreateInput(
    [property: StringLength(256, MinimumLength = 1)] string Title,
    [property: StringLength(60_000)] string Body = "",
    [property: StringLength(RefName.LengthMax, MinimumLength = 1)] string? Base = null,
    [property: StringLength(RefName.LengthMax, MinimumLength = 1)] string? Head = null,
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Path = WorkTree.DefaultPath,
    bool Draft = false,
    bool Push = true);

/// <summary>Pushes the work tree's branch and opens a pull request. Where the branch has an open one, that is
/// the answer, with <c>created: false</c>: the push has brought the new commits into it.</summary>
public sealed class PullRequestCreate : Tool<PullRequestCreateInput>
{
    private const string MakeBranch = """git checkout -q -B "$1" HEAD --""";

    public override ToolDescriptor Descriptor { get; } = new("repo.pr.create", "tools:forge",
        ToolEffect.Reconcilable, "Pushes the work tree's branch and opens a pull request.",
            UsesWorkspace: true,
        Programs: [HostGit.Program]);

    protected override async ValueTask<ToolResult> InvokeAsync(
        PullRequestCreateInput input, Execution execution,
        CancellationToken cancel)
    {
        var (plan, error) = await PullRequestPlan.MakeAsync(input, execution, cancel);
        if (plan is null || (error = await PushAsync(input, plan, execution, cancel)) is not null)
        {
            return ToolResult.Fail(error!);
        }
        (var forge, error) = await ForgeClient.OpenAsync(execution, cancel);
        if (forge is null)
        {
            return ToolResult.Fail(error!);
        }
        var marker = CallMarker.Of(execution.Context);
        (var found, error) = await forge.MakeOnceAsync(
            () => FindAsync(forge, plan, marker, orOpen: true, cancel), "/pulls", new JsonObject
            {
                ["title"] = input.Title,
                ["body"] = CallMarker.Append(input.Body, marker),
                ["head"] = plan.Head,
                ["base"] = plan.Base,
                ["draft"] = input.Draft,
            }, cancel);
        return found is { } pull ? Answer(pull, plan, created: CallMarker.IsIn(pull, marker))
            : ToolResult.Fail(error!);
    }

    protected override async ValueTask<ProbeResult> ProbeAsync(
        PullRequestCreateInput input, Execution execution,
        CancellationToken cancel)
    {
        var (plan, _) = await PullRequestPlan.MakeAsync(input, execution, cancel);
        if (plan is null)
        {
            return new ProbeResult.NotHappened();
        }
        var (forge, error) = await ForgeClient.OpenAsync(execution, cancel);
        if (forge is null)
        {
            return new ProbeResult.NotHappened();
        }
        (var found, error) = await FindAsync(forge, plan, CallMarker.Of(execution.Context), orOpen: false,
            cancel);
        if (error is not null)
        {
            return new ProbeResult.Unknown(error.ToString());
        }
        return found is { } pull
            ? new ProbeResult.Happened(Answer(pull, plan, created: true))
            : new ProbeResult.NotHappened();
    }

    private static async ValueTask<AegisError?> PushAsync(PullRequestCreateInput input, PullRequestPlan plan,
        Execution execution, CancellationToken cancel)
    {
        if (!input.Push)
        {
            return null;
        }
        if (plan.MakesBranch)
        {
            var made = await WorkTree.RunAsync(execution, plan.Path, MakeBranch, cancel, plan.Head);
            if (WorkTree.ErrorOf(made, "repo.pr.create", plan.Path) is { } failed)
            {
                return failed;
            }
        }
        return await Publication.PushAsync(execution, plan.Bare, plan.Path,
            new BranchTarget(plan.Head, $"refs/heads/{plan.Head}", plan.Sha), force: false, cancel);
    }

    // our own wins, also where it was closed or merged since; else an open one of the same branches
    private static async ValueTask<(JsonElement? Found, AegisError? Error)> FindAsync(ForgeClient forge,
        PullRequestPlan plan, string marker, bool orOpen, CancellationToken cancel)
    {
        // all states, the newest first
        var head = Uri.EscapeDataString($"{forge.Place.Owner}:{plan.Head}");
        var (pulls, error) = await forge.ListAsync($"/pulls?state=all&head={head}&", null, cancel);
        if (error is not null)
        {
            return (null, error);
        }
        var own = pulls.Where(p => CallMarker.IsIn(p, marker));
        var open = pulls.Where(p => orOpen && p.GetProperty("state").GetString() == "open"
            && p.GetProperty("base").GetProperty("ref").GetString() == plan.Base);
        return (own.Concat(open).Select(p => (JsonElement?)p).FirstOrDefault(), null);
    }

    private static ToolResult Answer(JsonElement pull, PullRequestPlan plan, bool created)
    {
        var number = pull.GetProperty("number").GetInt32();
        var url = pull.GetProperty("html_url").GetString()!;
        return new ToolResult(
            true, $"pull request #{number} {(created ? "opened" : "was open already")}: {url}",
            ToolJson.Element(new
            {
                number,
                url,
                sha = plan.Sha,
                head = plan.Head,
                @base = plan.Base,
                created,
                uncommitted = plan.Dirty,
            }));
    }
}
