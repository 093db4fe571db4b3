using System.Text.Json.Nodes;
using Aegis.Server.OpenApi;
using Microsoft.Net.Http.Headers;

namespace Aegis.Server.Conditions;

/// <summary>The door's resource has an entity tag: a read answers with it, a write honours it. Lists,
/// streams and sockets have none.</summary>
public sealed record TaggedDoor
{
    /// <summary>What a tagged door takes beside what its description says.</summary>
    public static IEnumerable<DoorParameter> Parameters { get; } =
    [
        Parameter(HeaderNames.IfMatch, "Only where the resource has one of these entity tags, or * for any."),
        Parameter(HeaderNames.IfNoneMatch,
            "Only where the resource has none of these entity tags; * where it is not there at all."),
    ];

    /// <summary>What a tagged door answers with beside what its description says.</summary>
    public static IReadOnlyList<string> Refusals(bool reads) =>
        reads ? ["AEGIS6076", "AEGIS6077"] : ["AEGIS6076", "AEGIS6077", "AEGIS6078"];

    public static bool Reads(Endpoint door) =>
        door.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains(HttpMethods.Get) is true;

    private static DoorParameter Parameter(string name, string says) =>
        new(name, "header", says, new JsonObject { ["type"] = "string" }, false);
}

public static class TaggedDoorExtensions
{
    /// <summary>On the GET, PUT, PATCH and DELETE of a single resource. A door that writes holds
    /// <see cref="RequestConditions.On"/> against what is stored, in the transaction of its write.</summary>
    public static TBuilder WithEntityTag<TBuilder>(this TBuilder door)
        where TBuilder : IEndpointConventionBuilder =>
        door.WithMetadata(new TaggedDoor());
}
