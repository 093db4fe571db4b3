using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Aegis.Server.Idempotency;
using Aegis.Server.Json;

namespace Aegis.Server.OpenApi;

/// <summary>
/// What a door reads and answers; /openapi/v1.json is written from it, and what it does not name the door
/// does not take: a query parameter that is not described is refused before the door is asked.
///
/// What every door has is not repeated here: path ids (<see cref="PathIds"/>), X-Aegis-Project, 401, 403,
/// 500, 503, and 404 where the path holds an id. Statuses come from the codes named by <see cref="Refuses"/>.
/// </summary>
/// <example>
/// <code>
/// routes.MapPost("/v1/things", http => AddAsync(http, parts)).RequireScope(Scopes.ThingsWrite)
///     .Describe("createThing", "Makes a thing", door => door
///         .Reads(DoorJson.Default.NewThingRequest)
///         .Answers(DoorJson.Default.ThingAnswer, 201).Refuses("AEGIS6021"));
/// </code>
/// </example>
public sealed class DoorDescription(string operationId, string summary)
{
    private readonly List<DoorParameter> parameters = [];
    private readonly List<DoorBody> requests = [];
    private readonly List<DoorBody> answers = [];
    private readonly SortedSet<string> codes = new(StringComparer.Ordinal);

    /// <summary>Stable and camelCase: generated clients name their methods by it.</summary>
    public string OperationId => operationId;

    public string Summary => summary;

    public string? More { get; private set; }

    public IReadOnlyList<DoorParameter> Parameters => parameters;

    public IReadOnlyList<DoorBody> Requests => requests;

    public IReadOnlyList<DoorBody> AnswerBodies => answers;

    /// <summary>The codes that this door adds to those of every door.</summary>
    public IReadOnlyCollection<string> Codes => codes;

    /// <summary>The door may be called without a body.</summary>
    public bool BodyIsOptional { get; private set; }

    /// <summary>Sentences beside the summary, for what a reader must know and no schema says.</summary>
    public DoorDescription Saying(string sentences)
    {
        More = sentences;
        return this;
    }

    /// <summary>A JSON body of this type.</summary>
    public DoorDescription Reads(JsonTypeInfo type) => Reads(new DoorBody(0, "application/json", type));

    /// <summary>A JSON body of this type, or none.</summary>
    public DoorDescription MayRead(JsonTypeInfo type)
    {
        BodyIsOptional = true;
        return Reads(type);
    }

    /// <summary>A body that is no JSON, such as a file as it is.</summary>
    public DoorDescription ReadsRaw(string mediaType) => Reads(new DoorBody(0, mediaType, null));

    /// <summary>A workflow's file as it is.</summary>
    public DoorDescription ReadsYaml() => ReadsRaw("application/yaml").ReadsRaw("text/yaml");

    /// <summary>A JSON answer of this type.</summary>
    public DoorDescription Answers(JsonTypeInfo type, int status = StatusCodes.Status200OK) =>
        Add(new DoorBody(status, "application/json", type));

    /// <summary>An answer without a body.</summary>
    public DoorDescription Answers(int status) => Add(new DoorBody(status, null, null));

    /// <summary>An answer that is no JSON document.</summary>
    public DoorDescription AnswersRaw(string mediaType, int status = StatusCodes.Status200OK) =>
        Add(new DoorBody(status, mediaType, null));

    /// <summary>Server-sent events, for who asks for them with <c>Accept: text/event-stream</c>.</summary>
    public DoorDescription Streams() =>
        AnswersRaw("text/event-stream")
            .Header("Last-Event-ID", "The id of the last event that came: the stream goes on after it.")
            .Refuses("AEGIS6034");

    /// <summary>Codes of contracts/errors that this door answers with and not every door does.</summary>
    public DoorDescription Refuses(params ReadOnlySpan<string> more)
    {
        foreach (var code in more)
        {
            codes.Add(code);
        }
        return this;
    }

    /// <summary>What an Idempotency-Key does here; on a door that says nothing it does nothing.</summary>
    public KeyUse KeyUse { get; private set; }

    /// <summary>With an Idempotency-Key a request is done once, however often it is sent.</summary>
    public DoorDescription Idempotent()
    {
        KeyUse = KeyUse.Kept;
        var schema = new JsonObject
        {
            ["type"] = "string", ["minLength"] = 1, ["maxLength"] = DoorLimits.IdempotencyKeyCharsMax,
            ["pattern"] = "^[!-~]+$",
        };
        parameters.Add(new DoorParameter(IdempotencyMiddleware.Header, "header",
            "Makes it safe to send the request again: within a day the same key brings the first answer.",
            schema, false));
        return Refuses("AEGIS6071", "AEGIS6072", "AEGIS6073", "AEGIS6074");
    }

    /// <summary>Answers are not kept, because they show a secret.</summary>
    public DoorDescription ShowsASecretOnce()
    {
        KeyUse = KeyUse.Refused;
        return Refuses("AEGIS6075");
    }

    /// <summary>The answer and the refusals of a door that starts a run.</summary>
    public DoorDescription StartsARun() =>
        Idempotent().Answers(DoorJson.Default.RunStartedAnswer, StatusCodes.Status202Accepted).Refuses(
            "AEGIS2200", "AEGIS2203", "AEGIS5010", "AEGIS5012", "AEGIS5020", "AEGIS5023", "AEGIS5025",
            "AEGIS5040", "AEGIS6040");

    /// <summary>The answer and the refusals of a door that asks something of a run that goes on.</summary>
    public DoorDescription SteersARun() =>
        Answers(StatusCodes.Status202Accepted).Refuses("AEGIS5010", "AEGIS5012", "AEGIS5021", "AEGIS5024");

    /// <summary>A page of a list: limit and cursor.</summary>
    public DoorDescription Page() =>
        Limit().Text("cursor", "next of the page before; left out for the first page.");

    public DoorDescription Limit() =>
        Number("limit", "How many items, at most.", 1, DoorLimits.PageMax, DoorLimits.PageDefault);

    /// <summary>A query parameter with one of these words.</summary>
    public DoorDescription Choice(string name, string says, string[] words) => Query(name, says,
        new JsonObject
        {
            ["type"] = "string", ["enum"] = new JsonArray([.. words.Select(w => (JsonNode)w)]),
        });

    /// <summary>A whole number in the query; both bounds are taken.</summary>
    public DoorDescription Number(string name, string says, long min, long max, long? fallback = null)
    {
        var schema = new JsonObject
        {
            ["type"] = "integer",
            ["format"] = max > int.MaxValue ? "int64" : "int32",
            ["minimum"] = min,
            ["maximum"] = max,
        };
        if (fallback is not null)
        {
            schema["default"] = fallback;
        }
        return Query(name, says, schema);
    }

    public DoorDescription Flag(string name, string says) =>
        Query(name, says, new JsonObject { ["type"] = "boolean", ["default"] = false });

    public DoorDescription Text(string name, string says) =>
        Query(name, says, new JsonObject { ["type"] = "string" });

    public DoorDescription Time(string name, string says) =>
        Query(name, says, new JsonObject { ["type"] = "string", ["format"] = "date-time" });

    public DoorDescription Day(string name, string says) =>
        Query(name, says, new JsonObject { ["type"] = "string", ["format"] = "date" });

    public DoorDescription Header(string name, string says, bool required = false)
    {
        var schema = new JsonObject { ["type"] = "string" };
        parameters.Add(new DoorParameter(name, "header", says, schema, required));
        return this;
    }

    private DoorDescription Query(string name, string says, JsonObject schema)
    {
        parameters.Add(new DoorParameter(name, "query", says, schema, false));
        return this;
    }

    private DoorDescription Reads(DoorBody body)
    {
        requests.Add(body);
        return this;
    }

    private DoorDescription Add(DoorBody body)
    {
        answers.Add(body);
        return this;
    }
}

/// <summary>What a door does with an Idempotency-Key.</summary>
public enum KeyUse
{
    Ignored,
    Kept,
    Refused,
}

/// <param name="In"><c>query</c> or <c>header</c>.</param>
public sealed record DoorParameter(string Name, string In, string Says, JsonObject Schema, bool Required);

/// <param name="Status">0 for a request.</param>
/// <param name="MediaType">Null where there is no body.</param>
/// <param name="Type">Null where the body is no JSON.</param>
public sealed record DoorBody(int Status, string? MediaType, JsonTypeInfo? Type);
