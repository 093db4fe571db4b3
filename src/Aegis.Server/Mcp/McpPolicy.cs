using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core.Errors;
using Aegis.Server.Json;
using Aegis.Server.Problems;
using Aegis.Server.Tools;

namespace Aegis.Server.Mcp;

/// <summary>What a call that becomes a run may do, and where: <c>_meta</c> carries <c>aegis/policy</c> (as
/// the body of <c>POST /v1/tools/{tool}:invoke</c> does), <c>aegis/repository</c> and <c>aegis/ref</c>.
/// Nothing is allowed that is not named.</summary>
internal sealed record McpPolicy(CallPolicyRequest Policy, string? Repository, string? Ref)
{
    private static readonly McpPolicy None = new(new CallPolicyRequest(), null, null);

    public static McpPolicy Of(JsonObject? meta)
    {
        if (meta is null)
        {
            return None;
        }
        try
        {
            return new McpPolicy(
                meta["aegis/policy"]?.Deserialize(DoorJson.Default.CallPolicyRequest) ?? None.Policy,
                McpWire.Text(meta["aegis/repository"]), McpWire.Text(meta["aegis/ref"]));
        }
        catch (JsonException e)
        {
            throw new AegisException(DoorErrors.Malformed(
                BindingFault.Of(e, DoorJson.Default.CallPolicyRequest)));
        }
    }
}
