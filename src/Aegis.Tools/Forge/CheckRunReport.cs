using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core.Errors;
using Aegis.Core.Findings;
using Aegis.Gate;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Forge;

/// <summary>A check run as it is to become, and the requests that bring it there. A forge takes so many
/// annotations at once and adds them to those that it has: their number says where to go on, so that none is
/// sent twice after a crash or a lost answer.</summary>
internal sealed record CheckRunReport(string Status, string? Conclusion, string Title, string Summary,
    string? Text, string? DetailsUrl, ImmutableArray<Finding> Findings, string Folder)
{
    public static (CheckRunReport? Report, AegisError? Error) Of(CheckRunInput input, string? name)
    {
        var (all, error) = CheckFindings.Read(input.Sarif, input.Findings);
        if (error is not null)
        {
            return (null, error);
        }
        ImmutableArray<Finding> shown = [.. all.Take(CheckRunCreate.AnnotationsMax)];
        var count = CheckFindings.Count(all)
            + (all.Length > shown.Length ? $" The first {shown.Length} are shown." : "");
        var reviewed = input.Sarif is not null || input.Findings is not null;
        var conclusion = input.Status != "completed" ? null
            : input.Conclusion ?? input.Outcome ?? Worst(all);
        var summary = input.Summary is null ? reviewed ? count : conclusion ?? input.Status
            : reviewed ? $"{input.Summary}\n\n{count}" : input.Summary;
        return (new CheckRunReport(input.Status, conclusion,
            input.Title ?? name ?? conclusion ?? input.Status, summary, input.Text,
            input.DetailsUrl, shown, input.Folder), null);
    }

    /// <summary>The first request: where more must follow, the check is not completed yet.</summary>
    public JsonObject First(string name, string sha, string externalId)
    {
        var body = new JsonObject { ["name"] = name, ["head_sha"] = sha, ["external_id"] = externalId };
        Put(body, 0);
        return body;
    }

    /// <summary>Whether the check run is as it is to become.</summary>
    public bool IsAt(JsonElement check) => Count(check) >= Findings.Length
        && check.GetProperty("status").GetString() == Status
        && (Conclusion is null || check.GetProperty("conclusion").GetString() == Conclusion);

    /// <summary>Brings it there from where it is.</summary>
    public async ValueTask<(JsonElement? Check, AegisError? Error)> FinishAsync(ForgeClient forge,
        JsonElement check, bool always, CancellationToken cancel)
    {
        var path = $"/check-runs/{check.GetProperty("id").GetInt64()}";
        for (var lost = 0; always || !IsAt(check); always = false)
        {
            var body = new JsonObject();
            var before = Count(check);
            Put(body, before);
            var (next, error) = await forge.SendAsync("PATCH", path, body, cancel);
            if (error is not null && ForgeClient.MayHaveHappened(error) && ++lost < ForgeClient.TriesMax)
            {
                (next, var unseen) = await forge.GetAsync(path, cancel);
                error = unseen;
            }
            else if (next is { } stuck && !IsAt(stuck) && Count(stuck) <= before)
            {
                error = new AegisError("AEGIS2402",
                    "the forge took a check run's annotations and has no more than before",
                    $"{Findings.Length} annotations, {Status}",
                    $"{Count(stuck)}, {stuck.GetProperty("status")}", "try again: the step's retry does");
            }
            if (error is not null)
            {
                return (null, error);
            }
            check = next!.Value;
        }
        return (check, null);
    }

    public ToolResult Answer(JsonElement check)
    {
        var url = check.TryGetProperty("html_url", out var at) ? at.GetString() : null;
        return new ToolResult(true, $"check {Title}: {Conclusion ?? Status}, {Findings.Length} annotations",
            ToolJson.Element(new
            {
                id = check.GetProperty("id").GetInt64(),
                url,
                status = Status,
                conclusion = Conclusion,
                annotations = Findings.Length,
            }));
    }

    private void Put(JsonObject body, int from)
    {
        var batch = Findings.Skip(from).Take(CheckRunCreate.BatchMax).ToList();
        var last = from + batch.Count >= Findings.Length;
        body["status"] = last ? Status : "in_progress";
        if (last && Conclusion is not null)
        {
            body["conclusion"] = Conclusion;
        }
        if (DetailsUrl is not null)
        {
            body["details_url"] = DetailsUrl;
        }
        var output = new JsonObject { ["title"] = Title, ["summary"] = Summary };
        if (Text is not null)
        {
            output["text"] = Text;
        }
        if (batch.Count > 0)
        {
            output["annotations"] = new JsonArray(
                [.. batch.Select(finding => CheckFindings.Annotation(finding, Folder))]);
        }
        body["output"] = output;
    }

    private static int Count(JsonElement check) =>
        check.GetProperty("output").GetProperty("annotations_count").GetInt32();

    private static string Worst(ImmutableArray<Finding> findings) =>
        findings.Any(f => f.Severity == FindingSeverity.Error) ? "failure"
        : findings.IsEmpty ? "success" : "neutral";
}
