using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;
using Aegis.Gate;
using Aegis.Models;
using Aegis.Models.Calls;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Models;

/// <summary>A call that is said in the words of a protocol.</summary>
internal static class ProtocolCall
{
    public static AegisError? Check(LlmChatInput input) => WrongOf(() => CallOf(input));

    /// <summary>What is wrong with a call's body; null where nothing is.</summary>
    public static AegisError? WrongOf(Func<ModelCall> read)
    {
        try
        {
            _ = read();
            return null;
        }
        catch (AegisException e)
        {
            return e.Error;
        }
    }

    public static long? TokensMax(LlmChatInput input)
    {
        var outline = CallOf(input).Outline!;
        return outline.PromptBytes + (outline.MaxTokens ?? GenerationDefaults.Default.TokensMax);
    }

    /// <summary>A run gets the answer as an output.</summary>
    public static async ValueTask<ToolResult> RunAsync(
        LlmChatInput input, Execution execution, CancellationToken cancel)
    {
        var call = CallOf(input);
        if (call.Stream)
        {
            // a run's answer comes whole; words as they come are for clients who wait
            return ToolResult.Fail(ModelErrors.BadRequest(
                "body asks for a stream, and nobody is there to read one", "stream: false, or none").Error);
        }
        var end = await execution.ModelAsync(call, cancel);
        if (end.Error is { } error)
        {
            return ToolResult.Fail(error);
        }
        cancel.ThrowIfCancellationRequested();
        return Shown(end, Protocol(input.Protocol), execution);
    }

    private static ToolResult Shown(ModelCallEnd end, WireProtocol protocol, Execution execution)
    {
        var use = end.Use!;
        // responses are read as what they were made of
        var text = protocol != WireProtocol.Responses
            && ChatTranslation.TryReadAnswer(end.Body.Span, protocol, out var answer, out _)
            ? answer.Text : null;
        execution.Log($"{use.Provider} {use.Model} ({use.Origin}): {use.Tokens.Input} tokens in, "
            + $"{use.Tokens.Output} out, {use.CostUsd} USD\n{text}");
        return new ToolResult(true, text, ToolJson.Element(new ProtocolOutputs(use.Provider, use.Model,
            use.Origin, use.Tokens.Input, use.Tokens.Output, use.CostUsd, JsonElement.Parse(end.Body.Span))));
    }

    private static ModelCall CallOf(LlmChatInput input)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(input.Body!.Value);
        var outline = CallOutline.Read(body);
        return new ModelCall(Protocol(input.Protocol), AnswerKind.Chat, body, outline.Model)
        {
            Outline = outline,
            Provider = input.Provider,
            TaskType = input.TaskType,
            Agent = input.Role,
            Turn = input.Turn,
        };
    }

    private static WireProtocol Protocol(string? word) => word switch
    {
        "anthropic" => WireProtocol.Anthropic,
        "responses" => WireProtocol.Responses,
        _ => WireProtocol.OpenAi,
    };
}

public sealed record ProtocolOutputs(string Provider, string Model, string Origin, long InputTokens,
    long OutputTokens, decimal CostUsd, JsonElement Answer);
