using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Aegis.Core.Agents;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Gate.Turns;

namespace Aegis.Agents.Loop;

/// <summary>Makes the calls of one reply. Where none of them changes anything they are made at once, else in
/// the order in which the model wrote them. What cannot be called is told like a result.</summary>
internal sealed class CallRound(AgentDefinition agent, OfferedTools tools, Execution execution)
{
    /// <summary>Of one result, before the turn's record is fitted.</summary>
    public const int ResultCharsMax = 16_000;

    private const int NameCharsMax = 64;

    public async ValueTask<ImmutableArray<MadeCall>> MakeAsync(TurnReply reply, CancellationToken cancel)
    {
        if (reply.Calls.Length > ReplyReading.CallsMax)
        {
            var refusal = AgentErrors.TooManyCalls(reply.Calls.Length);
            return [.. reply.Calls.Take(ReplyReading.CallsMax)
                .Select((call, i) => Refused(reply, i, call, refusal))];
        }
        var plans = reply.Calls.Select(Read).ToList();
        var made = new MadeCall[plans.Count];
        var parallel = plans.All(p => p.Tool is null || p.Tool.Descriptor.Effect == ToolEffect.Pure);
        await Parallel.ForEachAsync(Enumerable.Range(0, plans.Count), new ParallelOptions
        {
            MaxDegreeOfParallelism = parallel ? agent.Limits.Parallel : 1,
            CancellationToken = cancel,
        }, async (i, stop) => made[i] = plans[i].Error is { } error
            ? Refused(reply, i, reply.Calls[i], error)
            : await CallAsync(reply, i, plans[i].Tool!, plans[i].Input, stop));
        return [.. made];
    }

    private (Tool? Tool, JsonElement Input, AegisError? Error) Read(AskedCall call)
    {
        if (tools.Find(call.Name) is not { } tool)
        {
            return (null, default, AgentErrors.NoTool(
                call.Name, tools.Names.Select(OfferedTools.Said).Order(StringComparer.Ordinal)));
        }
        try
        {
            var input = JsonElement.Parse(call.Arguments.Trim().Length == 0 ? "{}" : call.Arguments);
            return input.ValueKind == JsonValueKind.Object ? (tool, input, null)
                : (null, default, AgentErrors.BadArguments(call.Name, $"it is {input.ValueKind}"));
        }
        catch (JsonException e)
        {
            return (null, default, AgentErrors.BadArguments(call.Name, e.Message.Split('\n')[0]));
        }
    }

    private async ValueTask<MadeCall> CallAsync(
        TurnReply reply, int index, Tool tool, JsonElement input, CancellationToken cancel)
    {
        var outcome = await execution.CallAsync(
            new TurnCall(index + 1, tool.Descriptor.Name, input, tools.Names), cancel);
        var text = Words(outcome);
        return new MadeCall(Id(reply, index), OfferedTools.Said(tool.Descriptor.Name),
            reply.Calls[index].Arguments is { Length: > 0 } written ? written : "{}", outcome.Result.Ok,
            CutText.Of(text, ResultCharsMax), LoopGuard.Action(tool.Descriptor.Name, input, text));
    }

    private static MadeCall Refused(TurnReply reply, int index, AskedCall call, AegisError error)
    {
        var text = Words(error);
        var written = JsonSerializer.Serialize(new { unreadable = CutText.Of(call.Arguments, 2_000) });
        return new MadeCall(Id(reply, index), Plain(call.Name), IsObject(call.Arguments) ? call.Arguments
            : written, null, text, LoopGuard.Action(call.Name, null, call.Arguments + text));
    }

    private static string Words(CallOutcome outcome)
    {
        var (result, text) = (outcome.Result, new StringBuilder());
        if (result.Error is { } error)
        {
            text.Append(outcome.Denied ? "DENIED " : "FAILED ").Append(Words(error)).Append('\n');
        }
        text.Append(result.Text);
        if (result.Outputs is { } outputs)
        {
            text.Append(text.Length > 0 && text[^1] != '\n' ? "\n" : "").Append("outputs: ")
                .Append(outputs.GetRawText());
        }
        return text.Length == 0 ? "done" : text.ToString();
    }

    private static string Words(AegisError error) => $"{error.Code}: {error.Message}"
        + (error.Expected is { } expected ? $"; expected {expected}" : "")
        + (error.Got is { } got ? $"; got {got}" : "") + (error.Mend is { } mend ? $"; {mend}" : "");

    // ids of a model may be empty, long or double; ours are none of that
    private static string Id(TurnReply reply, int index) =>
        string.Create(CultureInfo.InvariantCulture, $"call_{reply.Turn}_{index + 1}");

    private static bool IsObject(string json)
    {
        try
        {
            return JsonElement.Parse(json).ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // what providers take for a name
    private static string Plain(string name)
    {
        var plain = new string([.. name.Take(NameCharsMax)
            .Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '_')]);
        return plain.Length == 0 ? "nameless" : plain;
    }
}
