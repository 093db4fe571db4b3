using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Forge;

/// <param name="Sha">Merges only while the head is at this commit.</param>
public sealed record PullRequestMergeInput(
    [property: Range(1, int.MaxValue)] int Number,
    [property: RegularExpression("merge|squash|rebase", ErrorMessage = "method is merge, squash or rebase")]
    string Method = "merge",
    [property: RegularExpression("[0-9a-f]{40}", ErrorMessage = "sha is 40 hex digits")]
    string? Sha = null,
    [property: StringLength(256, MinimumLength = 1)] string? Title = null,
    [property: StringLength(60_000)] string? Message = null);

/// <summary>Merges a pull request; one that is merged already is the answer.</summary>
public sealed class PullRequestMerge : Tool<PullRequestMergeInput>
{
    public override ToolDescriptor Descriptor { get; } = new("repo.pr.merge", "tools:forge",
        ToolEffect.Reconcilable, "Merges a pull request.");

    protected override async ValueTask<ToolResult> InvokeAsync(PullRequestMergeInput input,
        Execution execution, CancellationToken cancel)
    {
        var (forge, error) = await ForgeClient.OpenAsync(execution, cancel);
        if (forge is null)
        {
            return ToolResult.Fail(error!);
        }
        (var pull, error) = await MergedAsync(forge, input.Number, cancel);
        if (error is null && pull is null)
        {
            (_, error) = await forge.SendAsync("PUT", $"/pulls/{input.Number}/merge", Body(input), cancel);
            // an answer that was lost is found by a look, and a refusal stands
            (pull, var unseen) = await MergedAsync(forge, input.Number, cancel);
            error = pull is not null ? null : error ?? unseen ?? NotMerged(input.Number);
        }
        return pull is { } merged ? Answer(input, merged) : ToolResult.Fail(error!);
    }

    protected override async ValueTask<ProbeResult> ProbeAsync(PullRequestMergeInput input,
        Execution execution, CancellationToken cancel)
    {
        var (forge, error) = await ForgeClient.OpenAsync(execution, cancel);
        if (forge is null)
        {
            return new ProbeResult.NotHappened();
        }
        (var pull, error) = await MergedAsync(forge, input.Number, cancel);
        return error is not null ? new ProbeResult.Unknown(error.ToString())
            : pull is { } merged ? new ProbeResult.Happened(Answer(input, merged))
            : new ProbeResult.NotHappened();
    }

    private static async ValueTask<(JsonElement? Merged, AegisError? Error)> MergedAsync(ForgeClient forge,
        int number, CancellationToken cancel)
    {
        var (pull, error) = await forge.GetAsync($"/pulls/{number}", cancel);
        return (pull is { } found && found.GetProperty("merged").GetBoolean() ? pull : null, error);
    }

    private static JsonObject Body(PullRequestMergeInput input)
    {
        var body = new JsonObject { ["merge_method"] = input.Method };
        foreach (var (name, value) in ((string, string?)[])[("sha", input.Sha),
            ("commit_title", input.Title), ("commit_message", input.Message)])
        {
            if (value is not null)
            {
                body[name] = value;
            }
        }
        return body;
    }

    private static ToolResult Answer(PullRequestMergeInput input, JsonElement pull) => new(true,
        $"pull request #{input.Number} is merged", ToolJson.Element(new
        {
            number = input.Number,
            sha = pull.GetProperty("merge_commit_sha").GetString(),
            url = pull.GetProperty("html_url").GetString(),
        }));

    private static AegisError NotMerged(int number) => new("AEGIS2401",
        $"the forge took the merge of #{number} and shows it as not merged", "a merged pull request",
        Mend: "try again: the step's retry does");
}
