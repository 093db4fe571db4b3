using Aegis.Core;
using Aegis.Core.Profiles;
using Aegis.Core.Rehearsals;
using Aegis.Models.Calls;

namespace Aegis.Models.Tests;

/// <summary>Calls of somebody with a cap, or with none.</summary>
internal static class DoorCalls
{
    public static ValueTask<ModelReply> ChatAsync(this ModelDoor door, Profile profile,
        RehearsalFile? rehearsal, ModelRequest request, decimal? left, CancellationToken cancel,
        Func<string, ValueTask>? said = null, ModelKeys? keys = null) =>
        door.ChatAsync(new ModelCaller(new Tenancy("acme", "web"), profile, rehearsal, keys,
            left is { } cap ? new CapPurse(cap) : null), request, cancel, said);
}
