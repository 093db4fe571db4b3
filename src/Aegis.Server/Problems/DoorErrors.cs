using Aegis.Core.Errors;

namespace Aegis.Server.Problems;

/// <summary>The refusals of the doors themselves; contracts/errors/doors.yaml explains each.</summary>
public static class DoorErrors
{
    public static AegisError Internal(string traceId) =>
        new("AEGIS6000", "the server failed unexpectedly", Got: $"trace {traceId}",
            Mend: "retry once; report the trace id with the server's log");

    public static AegisError NoIdentity { get; } =
        new("AEGIS6010", "this door needs an identity", "a valid API key", "none, or one that is not valid",
            "send Authorization: Bearer aegis_…");

    public static AegisError TenancyDisagrees { get; } =
        new("AEGIS6012", "the request names a tenant or project that is not its key's",
            Mend: "leave tenant_id and project_id out, or use a key of that tenant and project");

    public static AegisError ProjectNotChosen { get; } =
        new("AEGIS6013", "this key is for the whole tenant; say which project", "header X-Aegis-Project",
            "none", "send X-Aegis-Project");

    public static AegisError NoSuchDoor { get; } =
        new("AEGIS6022", "no such door", Mend: "see docs/api.md");

    public static AegisError MediaType(string expected, string? got) =>
        new("AEGIS6032", "the body's media type is not served here", expected, got ?? "none",
            $"send Content-Type: {expected}");

    public static AegisError ScopeMissing(string scope) =>
        new("AEGIS6011", "the key does not hold the scope of this door", scope,
            Mend: "use a key with that scope");

    public static AegisError ScopeNotGrantable(string scope) =>
        new("AEGIS6014", "a key can grant only scopes that it holds", Got: scope,
            Mend: "ask for fewer scopes");

    public static AegisError NotFound(string what, string id) =>
        new("AEGIS6020", $"no such {what} in this tenant and project", Got: id,
            Mend: $"check the {what}'s id");

    public static AegisError Exists(string what, string id) =>
        new("AEGIS6021", $"the {what} exists already", Got: id, Mend: "choose another id");

    public static AegisError Malformed(string what, string? expected = null, string? got = null) =>
        new("AEGIS6030", what, expected, got, "see docs/api.md");

    public static AegisError UnknownParameter(string name, IReadOnlyCollection<string> known) =>
        new("AEGIS6070", $"this door knows no query parameter {name}",
            known.Count == 0 ? "none" : string.Join(", ", known), name, "see GET /openapi/v1.json");

    /// <summary>The serializer's own words name our types; these name what the client sent, and
    /// where.</summary>
    public static AegisError Malformed(BindingFault fault) =>
        new("AEGIS6030", fault.Line is { } line
                ? $"the body: {fault.Message} (line {line}, byte {fault.Column})"
                : $"the body: {fault.Message}",
            fault.Expected, fault.Got, fault.Mend ?? "see docs/api.md")
        {
            Place = fault.Place,
        };

    public static AegisError BodyTooLarge(long max) =>
        new("AEGIS6031", "the body is too large", $"at most {max} bytes", Mend: "send less");

    public static AegisError TooManyStreams(int max) =>
        new("AEGIS6034", "too many open streams", $"at most {max}", Mend: "close a stream, or read pages");

    public static AegisError NotReady(string part, string why) =>
        new("AEGIS6050", $"the {part} is not ready", Got: why, Mend: "wait and retry");
}
