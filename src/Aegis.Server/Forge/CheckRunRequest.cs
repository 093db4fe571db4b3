using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Ledger.Forge;

namespace Aegis.Server.Forge;

/// <summary>What a request makes of a check run: new, or changed from what it was.</summary>
internal sealed record CheckRunRequest(CheckRun Check, JsonArray Annotations)
{
    /// <summary>GitHub's, of one request.</summary>
    public const int AnnotationsMax = 50;

    public const int NameCharsMax = 255;
    public const int TextCharsMax = 65_535;
    private const string Resource = "CheckRun";

    public static bool IsStatus(string text) => text is "queued" or "in_progress" or "completed";

    public static bool TryRead(ForgeBody body, CheckRun? was, DateTimeOffset now,
        out CheckRunRequest? request, out FieldError? wrong)
    {
        request = null;
        var conclusion = was?.Conclusion;
        var status = was?.Status ?? "queued";
        if (!body.TryText("name", was?.Name, NameCharsMax, out var name, out wrong)
            || !body.TryText("status", null, 20, out var asked, out wrong)
            || !body.TryText("conclusion", null, 20, out var concluded, out wrong)
            || !body.TryText("external_id", was?.ExternalId ?? "", NameCharsMax, out var external, out wrong)
            || !body.TryText("details_url", was?.DetailsUrl, StatusApi.UrlCharsMax, out var url, out wrong)
            || !TryOutput(body, was, out var output, out wrong))
        {
            return false;
        }
        // a conclusion completes it; another status than completed takes the conclusion away
        (status, conclusion) = concluded is not null ? (asked ?? "completed", concluded)
            : asked is null or "completed" ? (asked ?? status, conclusion) : (asked, null);
        wrong = Refusal(name, status, conclusion, url);
        if (wrong is not null)
        {
            return false;
        }
        var done = status == "completed";
        request = new CheckRunRequest(new CheckRun(was?.Id ?? 0, was?.Sha ?? "", name!, status, conclusion,
            external!, url, output!.Title, output.Summary, output.Text, 0, was?.StartedAt ?? now,
            done ? was?.CompletedAt ?? now : null), output.Annotations);
        return true;
    }

    private static FieldError? Refusal(string? name, string status, string? conclusion, string? url) =>
        string.IsNullOrWhiteSpace(name) ? new FieldError(Resource, "name", "missing_field")
        : !IsStatus(status) ? new FieldError(Resource, "status", "invalid")
        : (status == "completed") != (conclusion is not null)
            ? new FieldError(Resource, "conclusion", conclusion is null ? "missing_field" : "invalid")
        : conclusion is not (null or "action_required" or "cancelled" or "failure" or "neutral" or "success"
            or "skipped" or "timed_out") ? new FieldError(Resource, "conclusion", "invalid")
        : StatusApi.IsLink(url) ? null : new FieldError(Resource, "details_url", "invalid");

    private static bool TryOutput(ForgeBody body, CheckRun? was, out Output? output, out FieldError? wrong)
    {
        (output, wrong) = (new Output(was?.Title, was?.Summary, was?.Text, []), null);
        if (!body.Has("output"))
        {
            return true;
        }
        if (body.Inner("output") is not { } inner)
        {
            wrong = new FieldError(Resource, "output", "invalid");
            return false;
        }
        if (!inner.TryText("title", was?.Title, NameCharsMax, out var title, out wrong)
            || !inner.TryText("summary", was?.Summary, TextCharsMax, out var summary, out wrong)
            || !inner.TryText("text", was?.Text, TextCharsMax, out var text, out wrong))
        {
            return false;
        }
        wrong = title is null ? new FieldError(Resource, "title", "missing_field")
            : summary is null ? new FieldError(Resource, "summary", "missing_field") : null;
        var annotations = new JsonArray();
        foreach (var item in inner.Items("annotations") ?? [])
        {
            wrong ??= AnnotationError(item);
            annotations.Add(JsonNode.Parse(item.GetRawText()));
        }
        wrong ??= inner.Has("annotations") && inner.Items("annotations") is null
            ? new FieldError(Resource, "annotations", "invalid")
            : annotations.Count > AnnotationsMax ? new FieldError(Resource, "annotations", "custom",
                $"at most {AnnotationsMax} annotations in a request")
            : null;
        output = new Output(title, summary, text, annotations);
        return wrong is null;
    }

    private static FieldError? AnnotationError(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            return new FieldError(Resource, "annotations", "invalid");
        }
        var body = new ForgeBody(item, Resource);
        if (!body.TryText("path", null, 4_096, out var path, out var wrong)
            || !body.TryText("annotation_level", null, 10, out var level, out wrong)
            || !body.TryText("message", null, TextCharsMax, out var message, out wrong)
            || !body.TryText("title", null, NameCharsMax, out _, out wrong)
            || !body.TryText("raw_details", null, TextCharsMax, out _, out wrong))
        {
            return wrong;
        }
        var (start, end) = (body.Integer("start_line"), body.Integer("end_line"));
        return string.IsNullOrEmpty(path) ? new FieldError(Resource, "path", "missing_field")
            : string.IsNullOrEmpty(message) ? new FieldError(Resource, "message", "missing_field")
            : level is not ("notice" or "warning" or "failure")
                ? new FieldError(Resource, "annotation_level", "invalid")
            : start is null or < 0 || end is null || end < start
                ? new FieldError(Resource, "end_line", "invalid")
            : (body.Has("start_column") || body.Has("end_column")) && start != end
                ? new FieldError(Resource, "start_column", "invalid")
            : null;
    }

    private sealed record Output(string? Title, string? Summary, string? Text, JsonArray Annotations);
}
