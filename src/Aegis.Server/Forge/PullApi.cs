using System.Text.Json.Nodes;
using Aegis.Ledger.Forge;
using Aegis.Server.Conditions;
using Aegis.Tools.Git;

namespace Aegis.Server.Forge;

/// <summary>The pull requests of GitHub's REST.</summary>
internal sealed class PullApi(ForgeRepositories repositories, PullBranches branches, PullMerge merge,
    PullRequests pulls, TimeProvider time)
{
    public const int TitleCharsMax = 256;
    public const int BodyCharsMax = 65_536;
    private const string Resource = "PullRequest";

    public async Task ListAsync(ForgeRequestScope scope)
    {
        var query = scope.Http.Request.Query;
        if (!ForgePage.TryRead(scope.Http, out var page))
        {
            await ForgeReplies.InvalidAsync(scope.Http, new FieldError(Resource, "page", "invalid"));
            return;
        }
        var state = query["state"].FirstOrDefault() ?? PullRequest.Open;
        if (state is not (PullRequest.Open or PullRequest.Closed or "all"))
        {
            await ForgeReplies.InvalidAsync(scope.Http, new FieldError(Resource, "state", "invalid"));
            return;
        }
        await branches.LookAsync(scope.Keys, scope.Repo, scope.Path, scope.Cancel);
        var oldestFirst = query["direction"].FirstOrDefault() == "asc";
        var head = query["head"].FirstOrDefault();
        // another owner's branch matches nothing, which is not the same as no filter
        var filter = new PullRequestFilter(state == "all" ? null : state,
            head is null ? null : HeadOf(scope, head) ?? "", query["base"].FirstOrDefault(), oldestFirst);
        var found = await pulls.ListAsync(
            scope.Keys, scope.Repo, filter, page.Number, page.Size, scope.Cancel);
        var byDefault = await repositories.DefaultBranchAsync(scope.Path, scope.Cancel);
        ForgePage.Link(scope.Http, page, found.Length == page.Size);
        await ForgeReplies.WriteAsync(scope.Http, 200,
            new JsonArray([.. found.Select(p => ForgeShapes.Pull(scope, p, byDefault))]));
    }

    public async Task GetAsync(ForgeRequestScope scope)
    {
        await branches.LookAsync(scope.Keys, scope.Repo, scope.Path, scope.Cancel);
        if (await FindAsync(scope) is { } pull)
        {
            await AnswerAsync(scope, pull, 200);
        }
    }

    public async Task CreateAsync(ForgeRequestScope scope)
    {
        if (await ForgeBody.ReadAsync(scope.Http, Resource) is not { } body)
        {
            return;
        }
        if (!TryRead(scope, body, out var wanted, out var wrong))
        {
            await ForgeReplies.InvalidAsync(scope.Http, wrong!);
            return;
        }
        var tips = await branches.LookAsync(scope.Keys, scope.Repo, scope.Path, scope.Cancel);
        var (head, target) = (PullBranches.TipOf(tips, wanted!.Head), PullBranches.TipOf(tips, wanted.Base));
        if (await RefusalAsync(scope, wanted, head, target) is { } refused)
        {
            await ForgeReplies.InvalidAsync(scope.Http, refused);
            return;
        }
        var made = await pulls.AddAsync(scope.Keys, wanted with { HeadSha = head!, BaseSha = target! },
            time.GetUtcNow(), scope.Cancel);
        if (made is null)
        {
            await ForgeReplies.InvalidAsync(scope.Http, new FieldError(Resource, null, "custom",
                $"A pull request already exists for {scope.Tenancy.Project}:{wanted.Head}."));
            return;
        }
        await branches.FollowAsync(scope.Path, made, scope.Cancel);
        scope.Http.Response.Headers.Location = $"{scope.Address}/pulls/{made.Number}";
        await AnswerAsync(scope, made, 201);
    }

    public async Task EditAsync(ForgeRequestScope scope)
    {
        if (await ForgeBody.ReadAsync(scope.Http, Resource) is not { } body)
        {
            return;
        }
        var tips = await branches.LookAsync(scope.Keys, scope.Repo, scope.Path, scope.Cancel);
        if (await FindAsync(scope) is not { } pull)
        {
            return;
        }
        // here and once more under the lock: the change is made upon what was just read
        var condition = scope.Http.Conditions().On<PullRequest>(p => Tag(scope, p));
        condition?.Invoke(pull);
        if (!TryEdit(body, pull, out var edited, out var wrong))
        {
            await ForgeReplies.InvalidAsync(scope.Http, wrong!);
            return;
        }
        edited = edited! with { BaseSha = PullBranches.TipOf(tips, edited.Base) ?? "" };
        var reopened = edited.IsOpen && !pull.IsOpen;
        if (edited.BaseSha.Length == 0 || (reopened && PullBranches.TipOf(tips, edited.Head) is null))
        {
            await ForgeReplies.InvalidAsync(scope.Http,
                new FieldError(Resource, edited.BaseSha.Length == 0 ? "base" : "state", "invalid"));
            return;
        }
        if (await pulls.EditAsync(
            scope.Keys, edited, time.GetUtcNow(), scope.Cancel, condition) is not { } stored)
        {
            await ForgeReplies.InvalidAsync(scope.Http, new FieldError(Resource, "state", "invalid",
                "it was merged, or another one is open for the same branches"));
            return;
        }
        await (stored.IsOpen ? branches.FollowAsync(scope.Path, stored, scope.Cancel)
            : branches.FixAsync(scope.Path, stored, scope.Cancel));
        await AnswerAsync(scope, stored, 200);
    }

    public async Task MergeAsync(ForgeRequestScope scope)
    {
        if (await ForgeBody.ReadAsync(scope.Http, Resource) is not { } body)
        {
            return;
        }
        await branches.LookAsync(scope.Keys, scope.Repo, scope.Path, scope.Cancel);
        if (await FindAsync(scope) is not { } pull)
        {
            return;
        }
        if (!PullMergeRequest.TryRead(body, pull, out var request, out var wrong))
        {
            await ForgeReplies.InvalidAsync(scope.Http, wrong!);
            return;
        }
        if (!pull.IsOpen || pull.Draft)
        {
            await ForgeReplies.MessageAsync(scope.Http, 405, "Pull Request is not mergeable");
            return;
        }
        if (request!.Sha is { } expected && expected != pull.HeadSha)
        {
            await ForgeReplies.MessageAsync(scope.Http, 409,
                "Head branch was modified. Review and try the merge again.");
            return;
        }
        await MergeAsync(scope, pull, request);
    }

    /// <summary>204 where it was merged, 404 where not.</summary>
    public async Task IsMergedAsync(ForgeRequestScope scope)
    {
        await branches.LookAsync(scope.Keys, scope.Repo, scope.Path, scope.Cancel);
        if (await FindAsync(scope) is not { } pull)
        {
            return;
        }
        if (pull.MergedAt is null)
        {
            await ForgeReplies.NotFoundAsync(scope.Http);
            return;
        }
        scope.Http.Response.StatusCode = 204;
    }

    /// <summary>The pull request that the route names, or null after a 404 was written.</summary>
    public async Task<PullRequest?> FindAsync(ForgeRequestScope scope)
    {
        var named = int.TryParse((string)scope.Http.Request.RouteValues["number"]!, out var number);
        var pull = named ? await pulls.FindAsync(scope.Keys, scope.Repo, number, scope.Cancel) : null;
        if (pull is null)
        {
            await ForgeReplies.NotFoundAsync(scope.Http);
        }
        return pull;
    }

    private async Task MergeAsync(ForgeRequestScope scope, PullRequest pull, PullMergeRequest request)
    {
        var (outcome, sha) =
            await merge.MergeAsync(scope.Path, pull, request.Squash, request.Message, scope.Cancel);
        if (outcome != MergeOutcome.Merged)
        {
            var (status, message) = outcome == MergeOutcome.Conflict
                ? (405, "Pull Request is not mergeable")
                : (409, "Base branch was modified. Review and try the merge again.");
            await ForgeReplies.MessageAsync(scope.Http, status, message);
            return;
        }
        await branches.FixAsync(scope.Path, pull, scope.Cancel);
        await pulls.MergedAsync(scope.Keys, scope.Repo, pull.Number, sha!, scope.Actor, time.GetUtcNow(),
            scope.Cancel);
        await ForgeReplies.WriteAsync(scope.Http, 200, new JsonObject
        {
            ["sha"] = sha,
            ["merged"] = true,
            ["message"] = "Pull Request successfully merged",
        });
    }

    private async Task AnswerAsync(ForgeRequestScope scope, PullRequest pull, int status)
    {
        var facts = await merge.FactsAsync(scope.Path, pull, scope.Cancel);
        var comments = await pulls.CountCommentsAsync(scope.Keys, scope.Repo, pull.Number, scope.Cancel);
        var byDefault = await repositories.DefaultBranchAsync(scope.Path, scope.Cancel);
        await ForgeReplies.WriteAsync(scope.Http, status,
            ForgeShapes.FullPull(scope, pull, byDefault, facts, comments), Tag(scope, pull));
    }

    /// <summary>Of what may be edited: a comment, or what git says, makes nobody's edit stale. Times are
    /// shown by the second, so the exact one counts too.</summary>
    private static EntityTag Tag(ForgeRequestScope scope, PullRequest pull)
    {
        var row = ForgeShapes.Pull(scope, pull, "");
        row["updated_at"] = pull.UpdatedAt.UtcTicks;
        return EntityTag.Of(ForgeReplies.Bytes(row));
    }

    private async Task<FieldError?> RefusalAsync(ForgeRequestScope scope, NewPullRequest wanted, string? head,
        string? target)
    {
        if (head is null || target is null)
        {
            return new FieldError(Resource, head is null ? "head" : "base", "invalid");
        }
        if (await branches.IsAncestorAsync(scope.Path, head, target, scope.Cancel))
        {
            return new FieldError(
                Resource, null, "custom", $"No commits between {wanted.Base} and {wanted.Head}");
        }
        var open = await pulls.ListAsync(
            scope.Keys, scope.Repo, new PullRequestFilter(PullRequest.Open, null, null),
            PullBranches.OpenMax, 1, scope.Cancel);
        return open.IsEmpty
            ? null
            : new FieldError(Resource, null, "custom",
            $"at most {PullBranches.OpenMax} pull requests may be open");
    }

    private static bool TryRead(ForgeRequestScope scope, ForgeBody body, out NewPullRequest? wanted,
        out FieldError? wrong)
    {
        wanted = null;
        var draft = false;
        if (!body.TryText("title", null, TitleCharsMax, out var title, out wrong)
            || !body.TryText("body", "", BodyCharsMax, out var text, out wrong)
            || !body.TryText("head", null, RefName.LengthMax + 65, out var head, out wrong)
            || !body.TryText("base", null, RefName.LengthMax, out var target, out wrong)
            || !body.TryFlag("draft", out draft, out wrong))
        {
            return false;
        }
        foreach (var (name, value) in new[] { ("title", title), ("head", head), ("base", target) })
        {
            if (string.IsNullOrWhiteSpace(value))
            {
                wrong = new FieldError(Resource, name, "missing_field");
                return false;
            }
        }
        if (HeadOf(scope, head) is not { } branch)
        {
            wrong = new FieldError(Resource, "head", "invalid");
            return false;
        }
        wanted = new NewPullRequest(scope.Repo, title!, text!, branch, target!, "", "", draft, scope.Actor);
        return true;
    }

    private static bool TryEdit(
        ForgeBody body, PullRequest pull, out PullRequest? edited, out FieldError? wrong)
    {
        edited = null;
        if (!body.TryText("title", pull.Title, TitleCharsMax, out var title, out wrong)
            || !body.TryText("body", pull.Body, BodyCharsMax, out var text, out wrong)
            || !body.TryText("base", pull.Base, RefName.LengthMax, out var target, out wrong)
            || !body.TryText("state", pull.State, 10, out var state, out wrong))
        {
            return false;
        }
        wrong = string.IsNullOrWhiteSpace(title) ? new FieldError(Resource, "title", "missing_field")
            : state is not (PullRequest.Open or PullRequest.Closed)
            ? new FieldError(Resource, "state", "invalid")
            : null;
        edited = pull with { Title = title!, Body = text!, Base = target!, State = state! };
        return wrong is null;
    }

    // `owner:branch` or `branch`; another owner's branch is never here
    private static string? HeadOf(ForgeRequestScope scope, string? text)
    {
        var colon = text?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        return colon < 0 ? text : text![..colon] == scope.Tenancy.Project ? text[(colon + 1)..] : null;
    }
}
