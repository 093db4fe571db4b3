using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core.Errors;
using Aegis.Gate;

namespace Aegis.Tools.Forge;

/// <summary>GitHub's pull request calls for one repository, by the call's Execution. The same requests suit
/// the local forge and GitHub.</summary>
internal sealed class ForgeClient(Execution execution, string owner, string repo)
{
    private const int PerPage = 100;

    /// <summary>How far back a marker is looked for: 1,000 pull requests or comments.</summary>
    private const int PagesMax = 10;

    private string Root => $"/repos/{Uri.EscapeDataString(owner)}/{Uri.EscapeDataString(repo)}";

    public static ForgeClient Of(Execution execution, string repo) =>
        new(execution, execution.Context.Principal.Tenancy.Project, repo);

    /// <summary>Pull requests from a head branch, open and closed, the newest first.</summary>
    public ValueTask<(List<JsonElement> Items, AegisError? Error)> PullsOfAsync(
        string head, CancellationToken cancel) =>
        PagesAsync($"{Root}/pulls?state=all&head={Uri.EscapeDataString($"{owner}:{head}")}&", cancel);

    public ValueTask<(List<JsonElement> Items, AegisError? Error)> CommentsAsync(
        int number, CancellationToken cancel) =>
        PagesAsync($"{Root}/issues/{number}/comments?", cancel);

    public ValueTask<(JsonElement? Made, AegisError? Error)> CreateAsync(
        JsonObject pull, CancellationToken cancel) =>
        PostAsync($"{Root}/pulls", pull, cancel);

    public ValueTask<(JsonElement? Made, AegisError? Error)> CommentAsync(int number, string body,
        CancellationToken cancel) =>
        PostAsync($"{Root}/issues/{number}/comments", new JsonObject { ["body"] = body }, cancel);

    private async ValueTask<(List<JsonElement> Items, AegisError? Error)> PagesAsync(string path,
        CancellationToken cancel)
    {
        var items = new List<JsonElement>();
        for (var page = 1; page <= PagesMax; page++)
        {
            var reply = await execution.ForgeAsync(
                new ForgeRequest("GET", $"{path}per_page={PerPage}&page={page}"), cancel);
            if (reply.Status != 200 || reply.Body.ValueKind != JsonValueKind.Array)
            {
                return (items, Refused(reply));
            }
            items.AddRange(reply.Body.EnumerateArray());
            if (reply.Body.GetArrayLength() < PerPage)
            {
                break;
            }
        }
        return (items, null);
    }

    private async ValueTask<(JsonElement? Made, AegisError? Error)> PostAsync(string path, JsonObject body,
        CancellationToken cancel)
    {
        var reply = await execution.ForgeAsync(
            new ForgeRequest("POST", path, JsonSerializer.SerializeToElement(body)), cancel);
        return reply.Status == 201 ? (reply.Body, null) : (null, Refused(reply));
    }

    private static AegisError Refused(ForgeReply reply)
    {
        var words = new List<string>();
        if (reply.Body.ValueKind == JsonValueKind.Object)
        {
            Add(words, reply.Body, "message");
            Add(words, reply.Body, "detail");
            if (reply.Body.TryGetProperty("errors", out var errors)
                && errors.ValueKind == JsonValueKind.Array)
            {
                foreach (var error in errors.EnumerateArray().Where(e => e.ValueKind == JsonValueKind.Object)
                    .Take(5))
                {
                    Add(words, error, "message");
                    Add(words, error, "field");
                    Add(words, error, "code");
                }
            }
        }
        return new AegisError("AEGIS2150", $"the forge answered {reply.Status}", "a success",
            words.Count == 0 ? null : string.Join("; ", words.Distinct()),
            reply.Status is 401 or 403 ? "give the run's key the scope repo:write"
                : "correct what the forge names");
    }

    private static void Add(List<string> words, JsonElement from, string name)
    {
        if (from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String)
        {
            words.Add(value.GetString()!);
        }
    }
}
