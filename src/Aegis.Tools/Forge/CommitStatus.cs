using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Forge;

/// <param name="State">GitHub's, or a step's outcome: cancelled is an error, skipped a success.</param>
/// <param name="Context">The status's name; the newest of a name counts.</param>
/// <param name="Sha">Default: the commit that the run was started at.</param>
public sealed record CommitStatusInput(
    [property: RegularExpression("error|failure|pending|success|cancelled|skipped",
        ErrorMessage = "state is error, failure, pending, success, cancelled or skipped")]
    string State,
    [property: StringLength(200, MinimumLength = 1)] string Context = "aegis",
    [property: StringLength(CommitStatus.DescriptionCharsMax)] string? Description = null,
    [property: StringLength(2_048), RegularExpression("https?://.+",
        ErrorMessage = "target_url is an http or https address")]
    string? TargetUrl = null,
    [property: RegularExpression("[0-9a-f]{40}", ErrorMessage = "sha is 40 hex digits")]
    string? Sha = null);

/// <summary>Sets a commit's status. Set again it is the same one, and nothing is sent.</summary>
public sealed class CommitStatus : Tool<CommitStatusInput>
{
    /// <summary>GitHub's.</summary>
    public const int DescriptionCharsMax = 140;

    public override ToolDescriptor Descriptor { get; } = new("repo.status.set", "tools:forge",
        ToolEffect.Idempotent, "Sets a commit's status.");

    protected override async ValueTask<ToolResult> InvokeAsync(CommitStatusInput input, Execution execution,
        CancellationToken cancel)
    {
        var (forge, error) = await ForgeClient.OpenAsync(execution, cancel);
        if (forge is null || Commit.Of(execution, input.Sha, out error) is not { } sha)
        {
            return ToolResult.Fail(error!);
        }
        var state = input.State switch { "cancelled" => "error", "skipped" => "success", var own => own };
        (var newest, error) = await NewestAsync(forge, sha, input.Context, cancel);
        var same = newest is { } there && Text(there, "state") == state
            && Text(there, "description") == (input.Description ?? "")
            && Text(there, "target_url") == (input.TargetUrl ?? "");
        if (error is null && !same)
        {
            (newest, error) = await forge.SendAsync("POST", $"/statuses/{sha}",
                Body(input, state), cancel);
        }
        return error is not null ? ToolResult.Fail(error) : new ToolResult(true,
            $"{input.Context} is {state} at {sha[..12]}", ToolJson.Element(new
            {
                id = newest!.Value.GetProperty("id").GetInt64(),
                sha,
                state,
                context = input.Context,
                changed = !same,
            }));
    }

    private static JsonObject Body(CommitStatusInput input, string state)
    {
        var body = new JsonObject { ["state"] = state, ["context"] = input.Context };
        if (input.Description is not null)
        {
            body["description"] = input.Description;
        }
        if (input.TargetUrl is not null)
        {
            body["target_url"] = input.TargetUrl;
        }
        return body;
    }

    // newest first: the first of the name is the one that counts
    private static async ValueTask<(JsonElement? Newest, AegisError? Error)> NewestAsync(ForgeClient forge,
        string sha, string context, CancellationToken cancel)
    {
        var (all, error) = await forge.ListAsync($"/commits/{sha}/statuses?", null, cancel);
        return (all.Where(s => Text(s, "context") == context).Select(s => (JsonElement?)s)
            .FirstOrDefault(), error);
    }

    private static string Text(JsonElement from, string name) =>
        from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()! : "";
}
