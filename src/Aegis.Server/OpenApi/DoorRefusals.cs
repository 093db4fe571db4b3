using Aegis.Server.Auth;
using Aegis.Server.Conditions;

namespace Aegis.Server.OpenApi;

/// <summary>The codes that a door can answer with: its own, and those of every door of its form.</summary>
internal static class DoorRefusals
{
    public static IEnumerable<string> Of(RouteEndpoint door, DoorDescription said)
    {
        SortedSet<string> codes = [.. said.Codes, "AEGIS6000", "AEGIS6030", "AEGIS6050", "AEGIS6070"];
        if (door.Metadata.GetMetadata<OpenDoor>() is null)
        {
            codes.UnionWith(["AEGIS6010", "AEGIS6011", "AEGIS6012", "AEGIS6020"]);
            if (door.Metadata.GetMetadata<TenantDoor>() is null)
            {
                codes.Add("AEGIS6013");
            }
        }
        if (door.Metadata.GetMetadata<TaggedDoor>() is not null)
        {
            codes.UnionWith(TaggedDoor.Refusals(TaggedDoor.Reads(door)));
        }
        if (said.Requests.Count > 0)
        {
            codes.UnionWith(["AEGIS6031", "AEGIS6032"]);
        }
        return codes;
    }
}
