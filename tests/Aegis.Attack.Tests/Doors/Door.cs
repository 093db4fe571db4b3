using System.Text.Json;
using System.Text.RegularExpressions;
using Aegis.Attack.Tests.Support;
using Aegis.Server.Aliases;
using Aegis.Server.OpenApi;
using Aegis.Server.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Aegis.Attack.Tests.Doors;

/// <summary>A door as the OpenAPI document describes it. Those that it leaves to others (the forge's,
/// which follow GitHub's description; aliases) are read from the running server.</summary>
/// <param name="Body">What its body may hold at least, made from its schema; null where it reads
/// none.</param>
/// <param name="Query">The query parameters that it knows.</param>
internal sealed partial record Door(string Method, string Path, bool IsOpen, Dictionary<string, object>? Body,
    IReadOnlyList<string> Query)
{
    public IEnumerable<string> Parameters => Parameter().Matches(Path).Select(m => m.Groups[1].Value);

    /// <summary>The scope that its key must hold; null where the document names none.</summary>
    public string? Scope { get; private init; }

    /// <summary>Answers for GitHub's clients, in GitHub's form.</summary>
    public bool IsForge => Path.StartsWith("/forge/", StringComparison.Ordinal)
        || Path.StartsWith("/git/", StringComparison.Ordinal);

    /// <summary>Answers in the form of another protocol, to which its bodies belong too.</summary>
    public bool IsOfAnotherProtocol { get; private init; }

    /// <summary>Makes what it names where that is not there, so that it answers nobody with 404.</summary>
    public bool MakesWhatItNames => Method == "PUT" && !IsForge;

    public static async Task<List<Door>> AllAsync(AttackFixture server)
    {
        var document = (await server.SendAsync("GET", "/openapi/v1.json", null)).Json;
        var described = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value
            .EnumerateObject().Select(door => Described(document, path.Name, door.Name,
                door.Value))).ToList();
        var served = server.Server.Endpoints.Endpoints.OfType<RouteEndpoint>()
            .ToLookup(e => e.Metadata.GetMetadata<DescribedElsewhere>() is not null
                || e.Metadata.GetMetadata<AliasOf>() is not null);
        Assert.Equal(served[false].SelectMany(Served).Select(d => $"{d}").Order(),
            described.Select(d => $"{d}").Order());
        // the forge's doors, and the aliases of others
        return
        [
            .. described, .. served[true].SelectMany(endpoint => Served(endpoint).Select(door => described
                .Find(d => d.Method == door.Method && d.Path == CanonicalOf(endpoint)) is { } canonical
                    ? door with { Body = canonical.Body } : door)),
        ];
    }

    private static string? CanonicalOf(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<AliasOf>()?.Canonical;

    private static IEnumerable<Door> Served(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(m =>
            new Door(m, endpoint.RoutePattern.RawText!, false, m == "GET" ? null : [], [])
            {
                IsOfAnotherProtocol = endpoint.Metadata.GetMetadata<IProblemForm>() is not null,
            });

    /// <summary>The path with ids in place of its parameters; a parameter that no id is known for is a gap of
    /// the suite, and fails it.</summary>
    public string Filled(IReadOnlyDictionary<string, string> ids) => Parameter().Replace(Path,
        m => ids.TryGetValue(m.Groups[1].Value, out var id)
            ? id
            : throw new InvalidOperationException($"{this}: the holdings have no {m.Groups[1].Value}"));

    public override string ToString() => $"{Method} {Path}";

    private static Door Described(JsonElement document, string path, string method, JsonElement door) => new(
        method.ToUpperInvariant(), path, door.TryGetProperty("security", out var keys)
            && keys.GetArrayLength() == 0,
        door.TryGetProperty("requestBody", out var body)
            && body.GetProperty("content").TryGetProperty("application/json", out var json)
            ? Sound(document, json.GetProperty("schema")) as Dictionary<string, object>
            : null,
        [.. door.GetProperty("parameters").EnumerateArray().Where(p => p.TryGetProperty("in", out var place)
            && place.GetString() == "query").Select(p => p.GetProperty("name").GetString()!)])
        {
            Scope = door.TryGetProperty("x-aegis-scope", out var scope) ? scope.GetString() : null,
        };

    /// <summary>The least that a schema accepts.</summary>
    private static object Sound(JsonElement document, JsonElement schema)
    {
        while (schema.TryGetProperty("$ref", out var reference))
        {
            schema = reference.GetString()!.Split('/').Skip(1)
                .Aggregate(document, (at, step) => at.GetProperty(step));
        }
        if (schema.TryGetProperty("enum", out var choices))
        {
            return choices[0].GetString()!;
        }
        var type = schema.TryGetProperty("type", out var named) ? named : default;
        return (type.ValueKind == JsonValueKind.Array ? type[0].GetString() : type.ValueKind
            == JsonValueKind.String ? type.GetString() : "object") switch
        {
            "string" when schema.TryGetProperty("format", out var form) && form.GetString() == "date-time" =>
                "2026-01-01T00:00:00Z",
            "string" => "x",
            "integer" or "number" => 1,
            "boolean" => true,
            "array" => new[] { Sound(document, schema.GetProperty("items")) },
            _ => Members(document, schema),
        };
    }

    private static Dictionary<string, object> Members(JsonElement document, JsonElement schema) =>
        schema.TryGetProperty("required", out var required)
            ? required.EnumerateArray().Select(r => r.GetString()!).ToDictionary(name => name,
                name => Sound(document, schema.GetProperty("properties").GetProperty(name)))
            : [];

    [GeneratedRegex(@"\{\**([A-Za-z_]+)[^}]*\}")]
    private static partial Regex Parameter();
}
