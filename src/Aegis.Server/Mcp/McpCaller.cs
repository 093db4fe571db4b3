using Aegis.Core.Errors;
using Aegis.Core.Profiles;
using Aegis.Gate;
using Aegis.Ledger.Tenants;
using Aegis.Server.Auth;
using Aegis.Server.Mcp.Sources;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Aegis.Server.Mcp;

/// <summary>Who sent a message: always the key of the request that carried it. What the message itself says
/// of tenant, project and profile must agree with it; a role is the client's own word and grants
/// nothing.</summary>
internal sealed record McpCaller(
    Principal Principal, TenancyKeys Keys, string? Token, SessionNames Names, McpCalls Calls,
    McpWatches? Watches = null)
{
    private const string Item = "aegis.caller";

    /// <summary>Leaves the caller in the message's context, where the handlers find it.</summary>
    public void Sends(JsonRpcMessage message, string? version)
    {
        message.Context ??= new JsonRpcMessageContext();
        message.Context.ProtocolVersion = version is { Length: > 0 } ? version : null;
        message.Context.Items = new Dictionary<string, object?>(1) { [Item] = this };
    }

    public static McpCaller Of(MessageContext context) => (McpCaller)context.Items[Item]!;

    public SourceCaller ForSources => new(Principal, Keys, Token);

    public bool Holds(string scope) => scope.Length == 0 || Principal.Holds(scope);
}

/// <summary>Document 3's InitializeSession, as <c>_meta</c> carries it.</summary>
internal sealed record SessionNames(string? Tenant, string? Project, string? Role, string? Profile)
{
    private const int RoleCharsMax = 64;

    public static SessionNames None { get; } = new(null, null, null, null);

    public static SessionNames Of(JsonRpcMessage message) => McpWire.Meta(message) is not { } meta ? None
        : new SessionNames(McpWire.Text(meta["tenant_id"]), McpWire.Text(meta["project_id"]),
            McpWire.Text(meta["role"]) is { Length: <= RoleCharsMax } role ? role : null,
            McpWire.Text(meta["profile_id"]));

    /// <exception cref="AegisException">AEGIS6012 or AEGIS6202 where something disagrees.</exception>
    public async ValueTask RequireAgreementAsync(HttpContext http, DoorParts parts)
    {
        NamedTenancy.RequireAgreement(http, Tenant, Project);
        if (Profile is null)
        {
            return;
        }
        var newest = await parts.Profiles.NewestAsync(http.ProjectKeys(), http.RequestAborted);
        var own = newest is null ? null : ProfileParser.Parse(newest.Yaml, "profile.yaml").Value?.ProfileId;
        if (own != Profile)
        {
            throw new AegisException(McpErrors.OtherProfile(Profile));
        }
    }
}
