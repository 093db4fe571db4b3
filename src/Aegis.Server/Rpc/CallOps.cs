using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Server.Auth;
using Aegis.Server.Problems;
using Aegis.Server.Runs;
using Aegis.Server.Tools;

namespace Aegis.Server.Rpc;

/// <summary>Calls of tools. Each is a run of one step, as over REST: judged before, recorded, going on where
/// the connection is lost. What a command writes comes while it writes it.</summary>
internal sealed class CallOps(RpcSession session)
{
    private const string NoLog = "AEGIS2301";
    private const string Event = "rpc";
    private const string Chat = "llm.chat";

    /// <summary>Far more than any call may take; the run's own limits end it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromDays(366);

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(10);

    public Task ExecAsync(ExecParams request, RpcReply reply)
    {
        var place = RpcPlace.Of(request.Repo, request.Cwd);
        var input = new JsonObject { ["cmd"] = request.Cmd, ["cwd"] = place.Folder, ["pty"] = request.Pty };
        Put(input, "timeout", request.Timeout);
        Put(input, "env", request.Env);
        return Begin(Start("shell.exec", input, place.Repository, request,
            RpcPlace.Policy(request.Policy, request.Cmd)), reply, streams: true);
    }

    public Task StatusAsync(GitStatusParams request, RpcReply reply)
    {
        var place = RpcPlace.Of(request.Repo, request.Path);
        return Begin(Start("git.status", new JsonObject { ["path"] = place.Folder }, place.Repository,
            request, request.Policy), reply, streams: false);
    }

    public Task DiffAsync(GitDiffParams request, RpcReply reply)
    {
        var place = RpcPlace.Of(request.Repo, request.Path);
        var input = new JsonObject { ["path"] = place.Folder };
        Put(input, "base", request.Base);
        Put(input, "staged", request.Staged);
        Put(input, "paths", request.Paths);
        return Begin(Start("git.diff", input, place.Repository, request, request.Policy), reply,
            streams: false);
    }

    public Task PullAsync(PullParams request, RpcReply reply)
    {
        var place = RpcPlace.Of(request.Repo, null);
        var input = new JsonObject { ["title"] = request.Title };
        Put(input, "body", request.Body);
        Put(input, "base", request.Base);
        Put(input, "head", request.Head);
        Put(input, "draft", request.Draft);
        // the branch with the commits is what is checked out
        return Begin(Start("repo.pr.create", input, place.Repository, request, request.Policy) with
        {
            Ref = request.Ref ?? request.Head,
        }, reply, streams: false);
    }

    public Task ChatAsync(ChatParams request, RpcReply reply)
    {
        var input = new JsonObject();
        Put(input, "provider", request.Provider);
        Put(input, "model", request.Model);
        Put(input, "prompt", request.Prompt);
        Put(input, "messages", request.Messages);
        Put(input, "temperature", request.Temperature);
        Put(input, "max_tokens", request.MaxTokens);
        if (request.Streaming)
        {
            input["stream"] = true;
        }
        return Begin(Start(Chat, input, RpcPlace.Of(request.Repo, null).Repository, request,
            request.Policy), reply, request.Streaming);
    }

    public Task ToolAsync(ToolParams request, RpcReply reply)
    {
        var input = request.Input ?? JsonElement.Parse("{}");
        var line = input.ValueKind == JsonValueKind.Object && input.TryGetProperty("cmd", out var cmd)
            && cmd.ValueKind == JsonValueKind.String ? cmd.GetString() : null;
        return Begin(new CallStart(request.Tool, input, line is null ? request.Policy ?? new()
            : RpcPlace.Policy(request.Policy, line), Event)
        {
            Repository = RpcPlace.Of(request.Repo, null).Repository, Ref = request.Ref,
        }, reply, request.Streaming);
    }

    internal static void Put<T>(JsonObject input, string member, T? value)
    {
        if (value is not null)
        {
            input[member] = value is JsonElement json ? JsonNode.Parse(json.GetRawText())
                : JsonSerializer.SerializeToNode(value);
        }
    }

    internal static CallStart Start(
        string tool, JsonObject input, string? repository, CallParams request, CallPolicyRequest? policy) =>
        new(tool, JsonElement.Parse(input.ToJsonString()), policy ?? new CallPolicyRequest(), Event)
        {
            Repository = repository, Ref = request.Ref,
        };

    /// <summary>The refusal of a call that is not to be made at all; null where it may be.</summary>
    internal static async ValueTask<bool> IsRefusedAsync(
        RpcSession session, CallStart call, RpcReply reply)
    {
        var by = session.Http.Caller().Principal;
        if (!by.Holds(Scopes.RunsWrite))
        {
            throw new AegisException(DoorErrors.ScopeMissing(Scopes.RunsWrite));
        }
        var admission = await call.JudgeAsync(by, session.Parts, session.Http.RequestAborted);
        if (admission is { Denial: { } denial, Asks: false })
        {
            await reply.FailedAsync(denial, admission.Rule);
            return true;
        }
        return false;
    }

    private Task Begin(CallStart call, RpcReply reply, bool streams)
    {
        session.Begin(reply, cancel => CallAsync(call, reply, streams, cancel));
        return Task.CompletedTask;
    }

    private async Task CallAsync(CallStart call, RpcReply reply, bool streams, CancellationToken cancel)
    {
        if (await IsRefusedAsync(session, call, reply))
        {
            return;
        }
        var run = await call.StartAsync(session.Http.Caller().Principal, session.Parts, null, cancel);
        var watch = new CallWatch(session.Http, session.Parts, run);
        var ended = watch.UntilAsync(Patience, cancel).AsTask();
        var writes = call.Tool is "shell.exec" or "process.spawn" || (streams && call.Tool is Chat);
        if (streams)
        {
            await reply.BeganAsync(run.Value);
        }
        var shown = writes ? await FollowAsync(
            run, streams ? reply : null, call.Tool is Chat ? "text" : "stdout", ended, cancel) : null;
        await AnswerAsync(await ended, reply, streams && writes ? null : shown, writes);
    }

    private static ValueTask AnswerAsync(ToolCallAnswer answer, RpcReply reply, string? shown, bool writes)
    {
        void Members(Utf8JsonWriter json)
        {
            RpcReply.WriteStream(json, writes ? "stdout" : "text", writes ? shown : answer.Output);
            if (answer.ExitCode is { } code)
            {
                json.WriteNumber("exitCode", code);
            }
            json.WriteString("run_id", answer.RunId);
            json.WriteString("status", answer.Status);
            if (answer.ApprovalId is { } approval)
            {
                json.WriteString("approval_id", approval);
            }
            if (answer.Outputs is { } outputs)
            {
                json.WritePropertyName("outputs");
                outputs.WriteTo(json);
            }
            if (answer.CostUsd is > 0 and var cost)
            {
                json.WriteNumber("cost_usd", cost);
            }
        }
        return answer.Ok is true ? reply.DoneAsync(Members)
            : reply.FailedAsync(answer.Error is { } e
                ? new AegisError(e.Code, e.Message, e.Expected, e.Got, e.Mend)
                : new AegisError("AEGIS6327", "a human is asked before the call is made", "a yes",
                    answer.ApprovalId, $"aegis approve {answer.ApprovalId}"), members: Members);
    }

    /// <summary>What the call writes, as it writes it, or else its end.</summary>
    private async Task<string?> FollowAsync(
        RunId run, RpcReply? reply, string type, Task ended, CancellationToken cancel)
    {
        while (true)
        {
            var last = ended.IsCompleted;
            try
            {
                return await ReadAsync(run, reply, type, cancel);
            }
            catch (AegisException e) when (e.Error.Code == NoLog)
            {
                // a call is a fact before its log is a file; one that was refused has none
                if (last)
                {
                    return null;
                }
                await Task.WhenAny(ended, Task.Delay(LookAgain, session.Parts.Time, cancel));
            }
        }
    }

    private async Task<string> ReadAsync(
        RunId run, RpcReply? reply, string type, CancellationToken cancel)
    {
        var (text, tail) = (new TextCutter(0), new StringBuilder());
        await foreach (var piece in session.Parts.Working()
            .LogAsync(run, CallPlan.StepId, 1, 0, follow: true, cancel))
        {
            var words = text.Take(piece.Span);
            if (reply is not null)
            {
                await reply.StreamAsync(type, words);
                continue;
            }
            tail.Append(words);
            if (tail.Length > DoorLimits.RpcOutputBytesMax)
            {
                tail.Remove(0, tail.Length - DoorLimits.RpcOutputBytesMax);
            }
        }
        return tail.ToString();
    }
}
