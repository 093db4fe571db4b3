using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Aegis.Agents.Contracts;
using Aegis.Core.Agents;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Gate.Turns;

namespace Aegis.Agents.Loop;

/// <summary>
/// One turn. 1. judge by the turns before whether another may begin; 2. ask the model, unless its reply is a
/// fact already; 3. make the reply a fact; 4. without calls: bind it to the contract, and end or ask once for
/// a better one; 5. with calls: make them, and judge whether the agent goes round in circles.
/// </summary>
internal sealed class TurnWork(
    AgentDefinition agent, AgentRunInput input, AgentTurn turn, Execution execution)
{
    private const int SaidCharsMax = 12_000;

    private readonly ImmutableArray<TurnRecord> earlier = [.. turn.Earlier.Select(TurnRecord.Of)];

    public async ValueTask<ToolResult> RunAsync(CancellationToken cancel)
    {
        if (LoopGuard.Spent(earlier, turn.Elapsed, agent.Limits) is { } spent)
        {
            return Fail(spent);
        }
        var tools = await OfferedTools.OfAsync(agent, execution, cancel);
        var prompt = new TurnPrompt(agent, input, tools);
        var reply = turn.Reply;
        if (reply is null)
        {
            var asked = await ReplyReading.AskAsync(
                agent, turn.Number + 1, prompt.Body(earlier), execution, cancel);
            if (asked.Reply is null)
            {
                return Fail(asked.Error!);
            }
            reply = await execution.RepliedAsync(asked.Reply, cancel);
        }
        Log(reply);
        return reply.Calls.IsEmpty ? Ended(reply, prompt) : await CalledAsync(reply, tools, prompt, cancel);
    }

    private ToolResult Ended(TurnReply reply, TurnPrompt prompt)
    {
        var bound = ReplyContract.All[agent.Contract].Bind(reply.Text);
        if (bound.Json is { } json)
        {
            return new ToolResult(true, json.GetRawText(), JsonSerializer.SerializeToElement(
                new AgentOutputs(agent.Name, true, json, turn.Number + 1, reply.Origin, Tokens(reply),
                    Cost(reply)), AgentOutputsJson.Default.AgentOutputs));
        }
        if (earlier.Any(t => t.NoteKind == TurnRecord.Repair))
        {
            return Fail(AgentErrors.NotBound(agent, bound.Errors), reply);
        }
        if (turn.Number + 1 >= agent.Limits.Turns)
        {
            return Fail(LoopGuard.TurnsSpent(agent.Limits), reply);
        }
        var note = $"Your reply is no {agent.Contract}. What is wrong with it:\n"
            + string.Join('\n', bound.Errors.Select(e => "- " + e))
            + (reply.Finish == "length" ? "\n- it was cut off: the most tokens were reached" : "")
            + "\nAnswer again with one JSON object and nothing around it. This is the only chance to mend it."
            + prompt.Reminder;
        return Next(Record(reply, [], note, TurnRecord.Repair));
    }

    private async ValueTask<ToolResult> CalledAsync(
        TurnReply reply, OfferedTools tools, TurnPrompt prompt, CancellationToken cancel)
    {
        // what would be called in the last turn nobody would hear of
        if (turn.Number + 1 >= agent.Limits.Turns)
        {
            return Fail(LoopGuard.TurnsSpent(agent.Limits), reply);
        }
        var calls = await new CallRound(agent, tools, execution).MakeAsync(reply, cancel);
        var verdict = LoopGuard.Judge(earlier, calls);
        if (verdict.End is { } circle)
        {
            return Fail(circle, reply);
        }
        var note = verdict.Nudge ? "You made the same call with the same result again and again. It will not "
            + "come out differently: do something else, or end with what you have." + prompt.Reminder : null;
        return Next(Record(reply, calls, note, note is null ? null : TurnRecord.Nudge));
    }

    private TurnRecord Record(TurnReply reply, ImmutableArray<MadeCall> calls, string? note, string? kind)
    {
        var record = new TurnRecord(agent.Name, turn.Number + 1, CutText.Of(reply.Text, SaidCharsMax), calls,
            note, kind, reply.Origin, reply.Tokens, reply.CostUsd);
        for (var chars = CallRound.ResultCharsMax; Bytes(record) > TurnRecord.BytesMax && chars > 200;
            chars /= 2)
        {
            record = record with
            {
                Said = CutText.Of(record.Said, chars),
                Calls = [.. calls.Select(c => c with
                {
                    Arguments = CutText.OfJson(c.Arguments, chars),
                    Result = CutText.Of(c.Result, chars),
                })],
            };
        }
        return record;
    }

    private static int Bytes(TurnRecord record) =>
        System.Text.Encoding.UTF8.GetByteCount(record.ToJson().GetRawText());

    private static ToolResult Next(TurnRecord record) => new(true, record.Said, record.ToJson());

    private ToolResult Fail(AegisError error, TurnReply? reply = null) => ToolResult.Fail(error,
        outputs: JsonSerializer.SerializeToElement(new AgentOutputs(agent.Name, false, null,
            reply is null ? turn.Number : turn.Number + 1, reply?.Origin, Tokens(reply), Cost(reply)),
            AgentOutputsJson.Default.AgentOutputs));

    private long Tokens(TurnReply? reply) => earlier.Sum(t => t.Tokens) + (reply?.Tokens ?? 0);

    private decimal Cost(TurnReply? reply) => earlier.Sum(t => t.CostUsd) + (reply?.CostUsd ?? 0);

    private void Log(TurnReply reply)
    {
        execution.Log(string.Create(CultureInfo.InvariantCulture, $"{agent.Name}, turn {reply.Turn} "
            + $"({reply.Origin}{(turn.Reply is null ? "" : ", from the record")}): {reply.Tokens} tokens, "
            + $"{reply.CostUsd} USD"));
        if (reply.Text.Length > 0)
        {
            execution.Log(reply.Text);
        }
        foreach (var call in reply.Calls)
        {
            execution.Log($"→ {CutText.Of(call.Name, 100)} {CutText.Of(call.Arguments, 1_000)}");
        }
    }
}
