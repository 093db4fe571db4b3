using System.Collections.Immutable;
using Aegis.Core.Agents;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Gate.Turns;
using Aegis.Models.Calls;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;

namespace Aegis.Agents.Loop;

/// <summary>Asks the model of a turn, and reads its answer: text and calls. What it thought aloud is left
/// out.</summary>
internal static class ReplyReading
{
    public const int BytesMax = 1024 * 1024;

    /// <summary>Calls of one reply.</summary>
    public const int CallsMax = 16;

    public static async ValueTask<(TurnReply? Reply, AegisError? Error)> AskAsync(AgentDefinition agent,
        int turn, byte[] body, Execution execution, CancellationToken cancel)
    {
        var outline = CallOutline.Read(body);
        var end = await execution.ModelAsync(
            new ModelCall(WireProtocol.OpenAi, AnswerKind.Chat, body, outline.Model)
            {
                Outline = outline,
                TaskType = agent.TaskType,
                Agent = agent.Name,
                Turn = turn,
            }, cancel);
        cancel.ThrowIfCancellationRequested();
        if (end.Error is { } error)
        {
            return (null, error);
        }
        if (end.Body.Length > BytesMax)
        {
            return (null, AgentErrors.TooLong(end.Body.Length));
        }
        var use = end.Use!;
        var said = new TurnReply(agent.Name, turn, "", [], "stop", use.Origin,
            use.Tokens.Input + use.Tokens.Output, use.CostUsd);
        if (ChatTranslation.TryReadAnswer(end.Body.Span, WireProtocol.OpenAi, out var answer, out var fault))
        {
            return (said with
            {
                Text = answer.Text,
                Calls = [.. answer.Parts.OfType<ToolCallPart>()
                    .Select(c => new AskedCall(c.Id, c.Name, c.Arguments))],
                Finish = Word(answer.Finish),
            }, null);
        }
        return LooseReply.Read(end.Body.Span) is var (text, calls)
            ? (said with { Text = text, Calls = calls, Finish = "tool_calls" }, null)
            : (null, AgentErrors.Unreadable(fault));
    }

    private static string Word(FinishReason finish) => finish switch
    {
        FinishReason.Length => "length",
        FinishReason.ToolCalls => "tool_calls",
        FinishReason.Filter => "filter",
        FinishReason.Paused => "paused",
        _ => "stop",
    };
}
