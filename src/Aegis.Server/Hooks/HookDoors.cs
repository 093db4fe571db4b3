using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Plans.Triggers;
using Aegis.Engine.Schedules;
using Aegis.Ledger.Triggers;
using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;
using Aegis.Server.Workflows;

namespace Aegis.Server.Hooks;

/// <summary>
/// The doors that others call without a key. A call is 1. signed, or it learns nothing; 2. read within
/// bounds; 3. remembered together with the starts that it causes, in one transaction; 4. answered. The
/// runs start after that: what calls waits seconds at most, and a kill loses nothing that was answered.
/// </summary>
public static class HookDoors
{
    /// <summary>The secret that GitHub's deliveries are signed with.</summary>
    public const string GithubSecret = "github_webhook";

    /// <summary>Before a hook's own name: the secret of its calls.</summary>
    public const string SecretPrefix = "webhook_";

    /// <summary>A call's body becomes part of the run's context.</summary>
    public const int PayloadBytesMax = 48 * 1024;

    public const int SkewSecondsMax = 300;

    private const string Json = "application/json";

    public static void Map(IEndpointRouteBuilder routes, DoorParts parts)
    {
        routes.MapPost("/v1/hooks/github/{tenant}/{project}", http => GithubAsync(http, parts))
            .WithoutIdentity()
            .Describe("receiveGithubDelivery", "A delivery of GitHub, known by its signature",
                door => Called(door)
                .Header("X-Hub-Signature-256", "sha256= and the hex HMAC-SHA256 of the body.", required: true)
                .Header("X-GitHub-Event", "What happened.", required: true)
                .Header("X-GitHub-Delivery", "The delivery's id.", required: true));
        routes.MapPost("/v1/hooks/{tenant}/{project}/{workflow}", http => OwnAsync(http, parts))
            .WithoutIdentity()
            .Describe("callWorkflowHook", "A signed call of a workflow's own hook", door => Called(door)
                .Header("X-Aegis-Signature", "t=SECONDS,v1=HEX: the hex HMAC-SHA256 of SECONDS.BODY.",
                    required: true)
                .Refuses("AEGIS6062", "AEGIS6063"));
    }

    private static DoorDescription Called(DoorDescription door) => door
        .ReadsRaw(Json).Answers(DoorJson.Default.HookAnswer)
        .Answers(DoorJson.Default.HookAnswer, StatusCodes.Status202Accepted)
        .Refuses("AEGIS6060", "AEGIS6061");

    private static async Task GithubAsync(HttpContext http, DoorParts parts)
    {
        var headers = http.Request.Headers;
        var body = await Body.ReadBytesAsync(http);
        var caller = await HookCaller.RequireAsync(http, parts, GithubSecret,
            secret => HookSignature.IsGithub(headers["X-Hub-Signature-256"], secret, body));
        var (id, kind) = ($"{headers["X-GitHub-Delivery"]}", $"{headers["X-GitHub-Event"]}");
        if (!IdRule.IsValid(id) || !IdRule.IsValid(kind))
        {
            throw new AegisException(DoorErrors.Malformed("a header of GitHub's is missing or malformed",
                "X-GitHub-Delivery and X-GitHub-Event"));
        }
        RequireJson(http);
        var delivery = GithubDelivery.Read(id, kind, Parse(body));
        var workflows = await parts.Workflows.ListAsync(caller.Keys, http.RequestAborted);
        var at = parts.Time.GetUtcNow();
        List<NewStart> starts = [.. workflows
            .Where(w => w.Enabled)
            .Select(w => (Workflow: w, Trigger: w.Triggers.OfType<GithubTrigger>()
                .FirstOrDefault(delivery.Starts)))
            .Where(f => f.Trigger is not null)
            .Select(f => Start(f.Workflow, f.Trigger!, at, $"github:{id}", delivery.Context())
                with { Sha = delivery.Sha })];
        var outcome = await parts.Hooks.AcceptAsync(caller.Keys, "github", id, starts, http.RequestAborted);
        await AnswerAsync(http, parts, outcome, starts);
    }

    private static async Task OwnAsync(HttpContext http, DoorParts parts)
    {
        var name = Query.Route(http, "workflow");
        var body = await Body.ReadBytesAsync(http);
        var given = HookSignature.Read(http.Request.Headers["X-Aegis-Signature"])
            ?? throw new AegisException(HookErrors.Unknown);
        var caller = await HookCaller.RequireAsync(http, parts, SecretPrefix + name,
            secret => HookSignature.IsOwn(given, secret, body));
        if ((parts.Time.GetUtcNow() - given.At).Duration() > TimeSpan.FromSeconds(SkewSecondsMax))
        {
            throw new AegisException(HookErrors.OutOfTime(SkewSecondsMax));
        }
        if (await parts.Workflows.FindAsync(caller.Keys, name,
            http.RequestAborted) is not { Enabled: true } found
            || found.Triggers.OfType<WebhookTrigger>().FirstOrDefault() is not { } trigger)
        {
            throw new AegisException(HookErrors.Unknown);
        }
        var context = new JsonObject { ["event"] = "webhook" };
        if (body.Length > 0)
        {
            context["payload"] = Payload(http, body);
        }
        var start = Start(found, trigger, parts.Time.GetUtcNow(), $"webhook:{given.Hex}", context);
        var outcome = await parts.Hooks.AcceptAsync(
            caller.Keys, $"webhook:{name}", given.Hex, [start], http.RequestAborted);
        await AnswerAsync(http, parts, outcome == HookOutcome.Duplicate
            ? throw new AegisException(HookErrors.Replayed)
            : outcome, [start]);
    }

    private static async Task AnswerAsync(
        HttpContext http, DoorParts parts, HookOutcome outcome, IReadOnlyList<NewStart> starts)
    {
        switch (outcome)
        {
            case HookOutcome.Full:
                throw new AegisException(HookErrors.Full(NewStart.PendingMax));
            case HookOutcome.Duplicate:
                await Body.WriteAsync(http, new HookAnswer(true, []), DoorJson.Default.HookAnswer);
                break;
            default:
                parts.Signals.Starts.Wake();
                await Body.WriteAsync(http, new HookAnswer(false,
                    [.. starts.Select(s => new HookStartAnswer(s.Workflow.Name, s.RunId))]),
                    DoorJson.Default.HookAnswer, StatusCodes.Status202Accepted);
                break;
        }
    }

    private static NewStart Start(
        RegisteredWorkflow workflow, Trigger trigger, DateTimeOffset at, string cause, JsonObject context)
    {
        context["workflow"] = workflow.Name;
        return new NewStart(workflow, FreshRunId.At(at), cause, context.ToJsonString())
        {
            Inputs = trigger.Inputs?.GetRawText(),
        };
    }

    private static JsonNode? Payload(HttpContext http, byte[] body)
    {
        RequireJson(http);
        return body.Length <= PayloadBytesMax
            ? JsonNode.Parse(Parse(body).GetRawText())
            : throw new AegisException(DoorErrors.BodyTooLarge(PayloadBytesMax));
    }

    private static void RequireJson(HttpContext http)
    {
        if (!Body.IsJson(http.Request.ContentType))
        {
            throw new AegisException(DoorErrors.MediaType(Json, http.Request.ContentType));
        }
    }

    private static JsonElement Parse(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.Clone();
        }
        catch (JsonException)
        {
            throw new AegisException(DoorErrors.Malformed("the body is no JSON", "a JSON object"));
        }
    }
}

/// <param name="Duplicate">This delivery was here before, and nothing was started by it now.</param>
public sealed record HookAnswer(bool Duplicate, IReadOnlyList<HookStartAnswer> Runs);

public sealed record HookStartAnswer(string Workflow, string RunId);
