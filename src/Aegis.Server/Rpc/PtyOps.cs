using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Engine;
using Aegis.Gate.Terminals;
using Aegis.Processes;
using Aegis.Server.Auth;
using Aegis.Server.Problems;
using Aegis.Server.Runs;
using Aegis.Server.Terminals;
using Aegis.Server.Tools;
using Aegis.Tools.Terminals;

namespace Aegis.Server.Rpc;

/// <summary>Terminals: opened as a call of <c>terminal.open</c>, then attached to, left, come back to. The id
/// of a session is that of its run.</summary>
internal sealed class PtyOps(RpcSession session)
{
    /// <summary>How long the opening is waited for.</summary>
    private static readonly TimeSpan OpenMax = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan LifeDefault = TimeSpan.FromHours(8);

    public Task OpenAsync(PtyOpenParams request, RpcReply reply)
    {
        var call = Call(request);
        session.Begin(reply, cancel => OpenAsync(call, request.Acks, reply, cancel));
        return Task.CompletedTask;
    }

    public async Task AttachAsync(PtyAttachParams request, RpcReply reply)
    {
        var cancel = session.Stopping;
        var by = session.Http.Caller().Principal;
        var scope = request.Watch ? Scopes.RunsRead : Scopes.RunsWrite;
        if (!by.Holds(scope) || (!request.Watch && !by.Holds(TerminalDoors.ToolScope)))
        {
            throw new AegisException(
                DoorErrors.ScopeMissing(by.Holds(scope) ? TerminalDoors.ToolScope : scope));
        }
        var terminal = await TerminalDoors.FindAsync(session.Http, session.Parts, request.Session, cancel);
        var link = session.Terminals.Attach(terminal, request.Offset, request.Watch, request.Acks);
        await AttachedAsync(link, reply);
    }

    public async Task WriteAsync(PtyWriteParams request, RpcReply reply)
    {
        var link = session.Terminals.Find(request.Session);
        await link.Owned().TypeAsync(Bytes(request), request.Offset, session.Stopping);
        await reply.DoneAsync(json => json.WriteNumber("input_offset", link.Terminal.Typed));
    }

    public async Task ResizeAsync(PtyResizeParams request, RpcReply reply)
    {
        session.Terminals.Find(request.Session).Owned().Resize(new PtySize(request.Columns, request.Rows));
        await reply.DoneAsync();
    }

    public async Task AckAsync(PtyAckParams request, RpcReply reply)
    {
        session.Terminals.Acknowledge(session.Terminals.Find(request.Session), request.Offset);
        await reply.DoneAsync();
    }

    public async Task DetachAsync(PtyEndParams request, RpcReply reply)
    {
        session.Terminals.Find(request.Session).Detach();
        await reply.DoneAsync();
    }

    public async Task CloseAsync(PtyEndParams request, RpcReply reply)
    {
        var terminal = session.Terminals.Find(request.Session).Owned();
        terminal.Close();
        session.Begin(reply, async cancel =>
        {
            await terminal.Ended.WaitAsync(cancel);
            await reply.DoneAsync();
        });
    }

    private async Task OpenAsync(CallStart call, bool acks, RpcReply reply, CancellationToken cancel)
    {
        if (await CallOps.IsRefusedAsync(session, call, reply))
        {
            return;
        }
        var parts = session.Parts;
        var live = parts.Working().Terminals
            ?? throw new AegisException(DoorErrors.NotReady("engine", "it has no terminals"));
        var run = await call.StartAsync(session.Http.Caller().Principal, parts, null, cancel);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var opened = live.OpenedAsync(run, stop.Token);
        var ended = new CallWatch(session.Http, parts, run).UntilAsync(OpenMax, stop.Token).AsTask();
        if (await Task.WhenAny(opened, ended) == ended && !opened.IsCompletedSuccessfully)
        {
            await stop.CancelAsync();
            var why = await ended;
            await reply.FailedAsync(why.Error is { } e
                ? new AegisError(e.Code, e.Message, e.Expected, e.Got, e.Mend)
                : new AegisError("AEGIS6327", "a human is asked before the terminal is opened", "a yes",
                    why.ApprovalId ?? why.Status, $"aegis approve {why.ApprovalId}, then aegis attach {run}"),
                members: json => json.WriteString("session", run.Value));
            return;
        }
        var link = session.Terminals.Attach(await opened, 0, watch: false, acks);
        await stop.CancelAsync();
        await AttachedAsync(link, reply);
    }

    private async Task AttachedAsync(TerminalLink link, RpcReply reply)
    {
        var terminal = link.Terminal;
        await reply.DoneAsync(json =>
        {
            json.WriteString("session", link.Session);
            json.WriteNumber("channel", link.Channel);
            json.WriteNumber("offset", link.From);
            json.WriteNumber("input_offset", terminal.Typed);
            json.WriteNumber("columns", terminal.Size.Columns);
            json.WriteNumber("rows", terminal.Size.Rows);
        });
        session.Terminals.Start(link);
    }

    private static CallStart Call(PtyOpenParams request)
    {
        var place = RpcPlace.Of(request.Repo, request.Cwd ?? (request.Debug is null ? null : "/work"));
        var input = new JsonObject { ["cwd"] = place.Folder };
        CallOps.Put(input, "cmd", request.Cmd);
        CallOps.Put(input, "columns", request.Columns);
        CallOps.Put(input, "rows", request.Rows);
        CallOps.Put(input, "env", request.Env);
        CallOps.Put(input, "record", request.Record);
        CallOps.Put(input, "timeout", request.Timeout);
        return CallOps.Start("terminal.open", input, place.Repository, request,
            RpcPlace.Policy(request.Policy, request.Cmd ?? TerminalOpen.Shell)) with
        {
            Name = request.Debug is { } debug ? $"terminal:{debug.Run}.{debug.Step}" : "terminal",
            // the tool ends it at its own time, and says so
            Timeout = Life(request.Timeout) + TimeSpan.FromMinutes(1),
            Over = request.Debug is { } frozen ? new FrozenStep(new RunId(frozen.Run), frozen.Step) : null,
        };
    }

    private static TimeSpan Life(JsonElement? asked) => asked is not { } given ? LifeDefault
        : given.ValueKind == JsonValueKind.Number && given.TryGetInt64(out var ms)
            && ms is > 0 and <= 86_400_000
            ? TimeSpan.FromMilliseconds(ms)
        : given.ValueKind == JsonValueKind.String && Duration.TryParse(given.GetString()!, out var span)
            && span > TimeSpan.Zero && span <= TimeSpan.FromDays(1) ? span
        : throw new AegisException(RpcErrors.Malformed(
            "timeout is no duration within bounds", "1 s to 24 h", given.GetRawText()));

    private static byte[] Bytes(PtyWriteParams request)
    {
        if (request.Data is null == request.Base64 is null)
        {
            throw new AegisException(RpcErrors.Malformed("give data or base64", "one of the two"));
        }
        var bytes = new byte[request.Base64?.Length ?? 0];
        return request.Data is { } text ? Encoding.UTF8.GetBytes(text)
            : Convert.TryFromBase64String(request.Base64!, bytes, out var count) ? bytes[..count]
            : throw new AegisException(RpcErrors.Malformed("base64 is malformed"));
    }
}
