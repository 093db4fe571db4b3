using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Server.Aliases;
using Aegis.Server.Auth;
using Aegis.Server.Conditions;
using Aegis.Server.Health;
using Aegis.Server.Json;
using Aegis.Server.Problems;
using Microsoft.Net.Http.Headers;

namespace Aegis.Server.OpenApi;

/// <summary>
/// The OpenAPI 3.1 document of all described doors. It is put together as JSON: schemas of OpenAPI 3.1 are
/// JSON Schema, which .NET exports from the serializer's own type information, so an object model between
/// the two would only take them apart. Other people's validators hold the result against the standard in the
/// tests.
/// </summary>
internal static class OpenApiDocument
{
    public const string ProblemReference = "#/components/schemas/Problem";

    private const string TagReference = "#/components/headers/ETag";
    private const string Json = "application/json";
    private const string Project = "Project";
    private const string Says = "The REST API of Aegis Forge. Every door but the open ones needs an API key; "
        + "x-aegis-scope names the scope that it must hold. A request may name its tenant and project once "
        + "more (X-Aegis-Tenant, X-Aegis-Project, or tenant_id and project_id in query or body): they must "
        + "be the key's. Times are ISO 8601 in UTC. An answer leaves out members that are null, and may have "
        + "members that are new; a request with members that are not described is refused.";

    /// <summary>UTF-8, indented, with a line's end: the file contracts/openapi.json byte for byte.</summary>
    public static byte[] Write(IEnumerable<Endpoint> endpoints)
    {
        var buffer = new ArrayBufferWriter<byte>(1 << 18);
        var options = new JsonWriterOptions
        {
            Indented = true,
            NewLine = "\n",
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        using (var json = new Utf8JsonWriter(buffer, options))
        {
            Build(endpoints).WriteTo(json);
        }
        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static JsonObject Build(IEnumerable<Endpoint> endpoints)
    {
        var book = new SchemaBook();
        book.Reference(DoorJson.Default.ProblemAnswer);
        var paths = new JsonObject();
        foreach (var path in endpoints.OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<DescribedDoor>() is not null
                && e.Metadata.GetMetadata<AliasOf>() is null)
            .GroupBy(e => e.RoutePattern.RawText!).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            paths[path.Key] = new JsonObject(path.OrderBy(Method, StringComparer.Ordinal)
                .Select(e => KeyValuePair.Create<string, JsonNode?>(Method(e), Operation(e, book))));
        }
        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "Aegis Forge",
                ["version"] = HealthDoors.Version,
                ["description"] = Says,
                ["license"] = new JsonObject { ["name"] = "Apache-2.0", ["identifier"] = "Apache-2.0" },
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "http://127.0.0.1:4000" }),
            ["security"] = new JsonArray(
                new JsonObject { ["bearer"] = new JsonArray() },
                new JsonObject { ["basic"] = new JsonArray() }),
            ["paths"] = paths,
            ["components"] = Components(book),
        };
    }

    private static JsonObject Components(SchemaBook book) => new()
    {
        ["securitySchemes"] = new JsonObject
        {
            ["bearer"] = new JsonObject
            {
                ["type"] = "http", ["scheme"] = "bearer", ["description"] = "An API key.",
            },
            ["basic"] = new JsonObject
            {
                ["type"] = "http", ["scheme"] = "basic",
                ["description"] = "An API key as password, with any user name.",
            },
        },
        ["parameters"] = new JsonObject
        {
            [Project] = new JsonObject
            {
                ["name"] = NamedTenancy.ProjectHeader,
                ["in"] = "header",
                ["description"] = "The project of the request, where the key is for the whole tenant.",
                ["schema"] = new JsonObject { ["type"] = "string", ["pattern"] = IdAttribute.Pattern },
                ["example"] = "web",
            },
        },
        ["headers"] = new JsonObject
        {
            [HeaderNames.ETag] = new JsonObject
            {
                ["description"] = "The strong tag of this representation, for If-Match and If-None-Match.",
                ["schema"] = new JsonObject { ["type"] = "string" },
            },
        },
        ["schemas"] = book.Components(),
    };

    private static JsonObject Operation(RouteEndpoint door, SchemaBook book)
    {
        var said = door.Metadata.GetMetadata<DescribedDoor>()!.Description;
        var operation = new JsonObject
        {
            ["operationId"] = said.OperationId,
            ["summary"] = said.Summary,
            ["tags"] = new JsonArray(Tag(door.RoutePattern.RawText!)),
        };
        if (said.More is { } more)
        {
            operation["description"] = more;
        }
        if (door.Metadata.GetMetadata<OpenDoor>() is not null)
        {
            operation["security"] = new JsonArray();
        }
        else
        {
            var scope = door.Metadata.GetMetadata<ScopeRequirement>()?.Scope;
            operation["x-aegis-scope"] = string.IsNullOrEmpty(scope) ? "any" : scope;
        }
        operation["parameters"] = Parameters(door, said);
        if (said.Requests.Count > 0)
        {
            operation["requestBody"] = new JsonObject
            {
                ["required"] = !said.BodyIsOptional,
                ["content"] = Content(said.Requests, book),
            };
        }
        operation["responses"] = Responses(door, said, book);
        return operation;
    }

    private static JsonArray Parameters(RouteEndpoint door, DoorDescription said)
    {
        var parameters = new JsonArray(
            [.. door.RoutePattern.Parameters.Select(p => PathIds.Parameter(p.Name))]);
        foreach (var p in said.Parameters.Concat(IsTagged(door) ? TaggedDoor.Parameters : []))
        {
            parameters.Add((JsonNode)new JsonObject
            {
                ["name"] = p.Name, ["in"] = p.In, ["required"] = p.Required, ["description"] = p.Says,
                ["schema"] = p.Schema.DeepClone(),
            });
        }
        if (door.Metadata.GetMetadata<OpenDoor>() is null)
        {
            parameters.Add((JsonNode)new JsonObject { ["$ref"] = $"#/components/parameters/{Project}" });
        }
        return parameters;
    }

    private static JsonObject Responses(RouteEndpoint door, DoorDescription said, SchemaBook book)
    {
        var responses = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        var showsTag = IsTagged(door) && TaggedDoor.Reads(door);
        IEnumerable<DoorBody> unchanged = showsTag
            ? [new DoorBody(StatusCodes.Status304NotModified, null, null)] : [];
        foreach (var group in said.AnswerBodies.Concat(unchanged).GroupBy(a => a.Status))
        {
            var response = new JsonObject { ["description"] = Phrase(group.Key) };
            if (showsTag)
            {
                response["headers"] = new JsonObject
                {
                    [HeaderNames.ETag] = new JsonObject { ["$ref"] = TagReference },
                };
            }
            if (group.Any(b => b.MediaType is not null))
            {
                response["content"] = Content(group, book);
            }
            responses[group.Key.ToString(CultureInfo.InvariantCulture)] = response;
        }
        foreach (var group in DoorRefusals.Of(door, said).GroupBy(ErrorRegistry.Status))
        {
            responses[group.Key.ToString(CultureInfo.InvariantCulture)] = Refusal([.. group]);
        }
        return new JsonObject(responses.Select(r => KeyValuePair.Create<string, JsonNode?>(r.Key, r.Value)));
    }

    private static JsonObject Refusal(IReadOnlyList<string> codes) => new()
    {
        ["description"] = string.Join("; ", codes.Select(c => $"{c}: {ErrorRegistry.Title(c)}")),
        ["content"] = new JsonObject
        {
            [ProblemWriter.MediaType] = new JsonObject
            {
                ["schema"] = new JsonObject { ["$ref"] = ProblemReference },
            },
        },
    };

    private static JsonObject Content(IEnumerable<DoorBody> bodies, SchemaBook book) =>
        new(bodies.Where(b => b.MediaType is not null).Select(b => KeyValuePair.Create<string, JsonNode?>(
            b.MediaType!, new JsonObject
            {
                ["schema"] = b.Type is null ? new JsonObject { ["type"] = "string" } : book.Reference(b.Type),
            })));

    private static bool IsTagged(RouteEndpoint door) =>
        door.Metadata.GetMetadata<TaggedDoor>() is not null;

    private static string Method(RouteEndpoint door) => door.Metadata.GetMetadata<HttpMethodMetadata>()!
        .HttpMethods[0].ToLowerInvariant();

    // /v1/plans/{plan}:run and /v1/plans:create belong to plans
    private static string Tag(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts[0] == "v1" ? parts[1].Split(':')[0] : "server";
    }

    private static string Phrase(int status) =>
        Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status);
}
