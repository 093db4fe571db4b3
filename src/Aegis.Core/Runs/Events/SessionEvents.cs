using System.Collections.Immutable;

namespace Aegis.Core.Runs.Events;

/// <summary>First fact of a stream <c>calls/ID</c>: who may call what in it, whatever comes
/// later.</summary>
/// <param name="Door">Where the calls come from, such as <c>mcp</c>.</param>
/// <param name="Role">What the client says it is; it grants nothing.</param>
/// <param name="ProfileVersion">The profile of the project then.</param>
/// <param name="Client">Name and version, in the client's own words.</param>
public sealed record SessionOpened(string SessionId, string Actor, ImmutableArray<string> Scopes, string Door,
    string? Role = null, string? ProfileId = null, int? ProfileVersion = null, string? Client = null)
    : RunEvent;
