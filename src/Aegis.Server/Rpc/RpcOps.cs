using System.Collections.Frozen;
using System.Text.Json.Serialization.Metadata;
using Aegis.Core.Errors;
using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.Problems;

namespace Aegis.Server.Rpc;

/// <summary>The ops of <c>/v1/rpc</c> by name. Those that pair and that name a connection are open to all;
/// every other one asks for a valid key first, and then for the scopes of what it stands for.</summary>
internal sealed class RpcOps
{
    private readonly RpcSession session;
    private readonly FrozenDictionary<string, Func<RpcMessage, RpcReply, Task>> open;
    private readonly FrozenDictionary<string, Func<RpcMessage, RpcReply, Task>> named;

    public RpcOps(RpcSession session)
    {
        this.session = session;
        var (pair, call, pty) = (new PairOps(session), new CallOps(session), new PtyOps(session));
        var doors = DoorJson.Default;
        open = new Dictionary<string, Func<RpcMessage, RpcReply, Task>>
        {
            ["ping"] = On(doors.NoParams, (_, reply) => reply.DoneAsync().AsTask()),
            ["auth"] = On(doors.AuthParams, pair.AuthAsync),
            ["pair.init"] = On(doors.PairInitParams, pair.InitAsync),
            ["pair.confirm"] = On(doors.PairConfirmParams, pair.ConfirmAsync),
        }.ToFrozenDictionary();
        named = new Dictionary<string, Func<RpcMessage, RpcReply, Task>>
        {
            ["exec"] = On(doors.ExecParams, call.ExecAsync),
            ["git.status"] = On(doors.GitStatusParams, call.StatusAsync),
            ["git.diff"] = On(doors.GitDiffParams, call.DiffAsync),
            ["github.pr.create"] = On(doors.PullParams, call.PullAsync),
            ["llm.chat"] = On(doors.ChatParams, call.ChatAsync),
            [RpcMessage.ToolOp] = On(doors.ToolParams, call.ToolAsync),
            ["pty.open"] = On(doors.PtyOpenParams, pty.OpenAsync),
            ["pty.attach"] = On(doors.PtyAttachParams, pty.AttachAsync),
            ["pty.write"] = On(doors.PtyWriteParams, pty.WriteAsync),
            ["pty.resize"] = On(doors.PtyResizeParams, pty.ResizeAsync),
            ["pty.ack"] = On(doors.PtyAckParams, pty.AckAsync),
            ["pty.detach"] = On(doors.PtyEndParams, pty.DetachAsync),
            ["pty.close"] = On(doors.PtyEndParams, pty.CloseAsync),
        }.ToFrozenDictionary();
    }

    /// <exception cref="AegisException">Everything that is refused.</exception>
    public async Task DoAsync(RpcMessage message, RpcReply reply)
    {
        if (open.TryGetValue(message.Op, out var anybody))
        {
            await anybody(message, reply);
            return;
        }
        if (!named.TryGetValue(message.Op, out var act))
        {
            throw new AegisException(RpcErrors.NoSuchOp(message.Op, open.Keys.Concat(named.Keys).Order()));
        }
        var caller = session.Http.Caller();
        if (caller.Principal.Scopes.IsEmpty)
        {
            throw new AegisException(caller.Keys is null ? DoorErrors.NoIdentity : RpcErrors.OnlyPairs);
        }
        await session.RequireKeyAsync();
        await act(message, reply);
    }

    private Func<RpcMessage, RpcReply, Task> On<T>(JsonTypeInfo<T> type, Func<T, RpcReply, Task> act)
        where T : RpcParams => (message, reply) =>
    {
        var bound = message.Bind(type);
        if (session.Http.Caller().Keys is not null)
        {
            NamedTenancy.RequireAgreement(session.Http, bound.TenantId, bound.ProjectId);
        }
        return act(bound, reply);
    };
}
