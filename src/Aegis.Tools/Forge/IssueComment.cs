using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Forge;

public sealed record CommentInput(
    [property: Range(1, int.MaxValue)] int Number,
    [property: StringLength(60_000, MinimumLength = 1)] string Body);

/// <summary>Comments on a pull request or an issue of the run's repository, once however often the call is
/// tried. To GitHub a pull request is an issue.</summary>
public abstract class IssueComment(string name, string description) : Tool<CommentInput>
{
    public override ToolDescriptor Descriptor { get; } =
        new(name, "tools:forge", ToolEffect.Reconcilable, description);

    protected override async ValueTask<ToolResult> InvokeAsync(CommentInput input, Execution execution,
        CancellationToken cancel)
    {
        var (forge, error) = await ForgeClient.OpenAsync(execution, cancel);
        if (forge is null)
        {
            return ToolResult.Fail(error!);
        }
        var marker = CallMarker.Of(execution.Context);
        (var comment, error) = await forge.MakeOnceAsync(() => FindAsync(forge, input, marker, cancel),
            $"/issues/{input.Number}/comments",
            new JsonObject { ["body"] = CallMarker.Append(input.Body, marker) }, cancel);
        return comment is { } made ? Answer(input, made) : ToolResult.Fail(error!);
    }

    protected override async ValueTask<ProbeResult> ProbeAsync(CommentInput input, Execution execution,
        CancellationToken cancel)
    {
        var (forge, error) = await ForgeClient.OpenAsync(execution, cancel);
        if (forge is null)
        {
            return new ProbeResult.NotHappened();
        }
        (var found, error) = await FindAsync(forge, input, CallMarker.Of(execution.Context), cancel);
        return error is not null ? new ProbeResult.Unknown(error.ToString())
            : found is { } comment ? new ProbeResult.Happened(Answer(input, comment))
            : new ProbeResult.NotHappened();
    }

    private static async ValueTask<(JsonElement? Found, AegisError? Error)> FindAsync(ForgeClient forge,
        CommentInput input, string marker, CancellationToken cancel)
    {
        var (comments, error) = await forge.ListAsync($"/issues/{input.Number}/comments?", null, cancel);
        return (comments.Where(c => CallMarker.IsIn(c, marker)).Select(c => (JsonElement?)c)
            .FirstOrDefault(), error);
    }

    private static ToolResult Answer(CommentInput input, JsonElement comment)
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

public sealed class PullRequestComment() : IssueComment("repo.pr.comment", "Comments on a pull request.");

public sealed class RepositoryIssueComment() : IssueComment("repo.issue.comment", "Comments on an issue.");
