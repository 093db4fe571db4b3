using System.Text.Json;
using Aegis.Server.Json;
using Aegis.Server.OpenApi;

namespace Aegis.Server.Runs.Sockets;

/// <summary>A message of a client.</summary>
public sealed record SocketCommand : DoorRequest
{
    /// <summary><c>subscribe</c>, <c>cancel</c>, <c>pause</c> or <c>resume</c>.</summary>
    public required string Op { get; init; }

    /// <summary>Comes back with the answer; a text or a number.</summary>
    public JsonElement? Id { get; init; }

    /// <summary>Of <c>cancel</c> and <c>pause</c>.</summary>
    [Chars(0, DoorLimits.ReasonCharsMax)]
    public string? Reason { get; init; }

    /// <summary>Of <c>subscribe</c>: the version after which events are sent from now on.</summary>
    public int? After { get; init; }

    /// <summary>Of <c>subscribe</c>: whether logs are sent too.</summary>
    public bool? Logs { get; init; }
}
