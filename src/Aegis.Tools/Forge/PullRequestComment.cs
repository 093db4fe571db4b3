using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Git;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Forge;

public sealed record PullRequestCommentInput(
    [property: Range(1, int.MaxValue)] int Number,
    [property: StringLength(60_000, MinimumLength = 1)] string Body);

/// <summary>Comments on a pull request of the run's repository, once however often the call is
/// tried.</summary>
public sealed class PullRequestComment : Tool<PullRequestCommentInput>
{
    public override ToolDescriptor Descriptor { get; } = new("repo.pr.comment", "tools:forge",
        ToolEffect.Reconcilable, "Comments on a pull request.");

    protected override async ValueTask<ToolResult> InvokeAsync(
        PullRequestCommentInput input, Execution execution,
        CancellationToken cancel)
    {
        if (BareRepository.Of(execution.Context, null, out var error) is not { } bare)
        {
            return ToolResult.Fail(error!);
        }
        var forge = ForgeClient.Of(execution, bare.Name);
        var marker = CallMarker.Of(execution.Context);
        (var found, error) = await FindAsync(forge, input, marker, cancel);
        if (found is null && error is null)
        {
            (found, error) = await forge.CommentAsync(
                input.Number, CallMarker.Append(input.Body, marker), cancel);
        }
        return found is { } comment ? Answer(input, comment) : ToolResult.Fail(error!);
    }

    protected override async ValueTask<ProbeResult> ProbeAsync(
        PullRequestCommentInput input, Execution execution,
        CancellationToken cancel)
    {
        if (BareRepository.Of(execution.Context, null, out _) is not { } bare)
        {
            return new ProbeResult.NotHappened();
        }
        var (found, error) = await FindAsync(ForgeClient.Of(execution, bare.Name), input,
            CallMarker.Of(execution.Context), cancel);
        if (error is not null)
        {
            return new ProbeResult.Unknown(error.ToString());
        }
        return found is { } comment
            ? new ProbeResult.Happened(Answer(input, comment))
            : new ProbeResult.NotHappened();
    }

    private static async ValueTask<(JsonElement? Found, AegisError? Error)> FindAsync(ForgeClient forge,
        PullRequestCommentInput input, string marker, CancellationToken cancel)
    {
        var (comments, error) = await forge.CommentsAsync(input.Number, cancel);
        return error is null
            ? (comments.Where(c => CallMarker.IsIn(c, marker)).Select(c => (JsonElement?)c)
            .FirstOrDefault(), null)
            : (null, error);
    }

    private static ToolResult Answer(PullRequestCommentInput input, JsonElement comment)
    {
        var url = comment.GetProperty("html_url").GetString()!;
        return new ToolResult(true, $"commented on #{input.Number}: {url}", ToolJson.Element(new
        {
            number = input.Number,
            id = comment.GetProperty("id").GetInt64(),
            url,
        }));
    }
}
