using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Aegis.Core.Catalogue;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;
using Aegis.Gate;
using Aegis.Models;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Models;

/// <param name="Provider">A provider of the profile.</param>
/// <param name="Model">A model of that provider, or an alias of the profile.</param>
/// <param name="Prompt">The user's message; this, Messages or Body.</param>
/// <param name="Messages">The whole conversation.</param>
/// <param name="Role">Who speaks, for a rehearsal.</param>
/// <param name="Turn">Which of the role's turns this is, for a rehearsal.</param>
/// <param name="Stream">Whether the words are asked for as they come; the call's log has them at
/// once.</param>
/// <param name="Body">A call in the words of a protocol, with tools, images and whatever else it
/// knows.</param>
/// <param name="Protocol">Of the body and its answer: <c>openai</c>, <c>anthropic</c> or
/// <c>responses</c>.</param>
/// <param name="TaskType">What it is for; quality is learned for each task type on its own.</param>
public sealed record LlmChatInput(
    [property: StringLength(64, MinimumLength = 1)] string? Provider = null,
    [property: StringLength(200, MinimumLength = 1)] string? Model = null,
    [property: StringLength(LlmChat.PromptCharsMax, MinimumLength = 1)] string? Prompt = null,
    [property: Length(1, LlmChat.MessagesMax)] ImmutableArray<LlmMessage>? Messages = null,
    [property: StringLength(64, MinimumLength = 1)] string Role = "user",
    [property: Range(1, 10_000)] int Turn = 1,
    [property: Range(0.0, 2.0)] double? Temperature = null,
    [property: Range(1, 1_000_000)] int? MaxTokens = null,
    bool Stream = false,
    JsonElement? Body = null,
    [property: AllowedValues(null, "openai", "anthropic", "responses")] string? Protocol = null,
    [property: StringLength(64, MinimumLength = 1)] string? TaskType = null) : IValidatableObject
{
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if ((Prompt is null ? 0 : 1) + (Messages is null ? 0 : 1) + (Body is null ? 0 : 1) != 1)
        {
            yield return new ValidationResult("give one of prompt, messages and body");
        }
        if (Body is { ValueKind: not JsonValueKind.Object } || Body is null != Protocol is null)
        {
            yield return new ValidationResult("body is an object, and protocol says how to read it");
        }
        foreach (var message in Messages ?? [])
        {
            if (message.Role is not ("system" or "user" or "assistant"))
            {
                yield return new ValidationResult("a message's role is system, user or assistant");
            }
            if (message.Content.Length > LlmChat.PromptCharsMax)
            {
                yield return new ValidationResult(
                    $"a message has at most {LlmChat.PromptCharsMax} characters");
            }
        }
    }
}

public sealed record LlmMessage(string Role, string Content);

/// <summary>Asks a model. The profile says which there are; the run's cost cap bounds what the call may
/// cost.</summary>
public sealed class LlmChat : ModelTool<LlmChatInput>
{
    public const int PromptCharsMax = 512 * 1024;
    public const int MessagesMax = 500;

    // A model call changes nothing outside and may be made again: the answer differs, and the money for it is
    // covered by the budget block that was made durable before the call. Not Pure, for it is not free.
    public override ToolDescriptor Descriptor { get; } = new("llm.chat", "tools:llm", ToolEffect.Idempotent,
        "Asks a model of the profile and returns its reply.");

    protected override long? TokensMax(LlmChatInput input) => input.Body is null
        ? WordsMax(input) : ProtocolCall.TokensMax(input);

    protected override AegisError? Judge(LlmChatInput input) => input.Body is null ? null
        : ProtocolCall.Check(input);

    private static long WordsMax(LlmChatInput input) =>
        PromptTokens.Bound(RequestOf(input).Messages.Select(m => m.Text))
            + (input.MaxTokens ?? GenerationDefaults.Default.TokensMax);

    private static ModelRequest RequestOf(LlmChatInput input) => new(
        input.Messages?.Select(m => new ModelMessage(m.Role, m.Content)).ToImmutableArray()
            ?? [new ModelMessage("user", input.Prompt!)],
        input.Provider, input.Model, input.Role, input.Turn, input.Temperature, input.MaxTokens)
    {
        Streams = input.Stream,
    };

    protected override async ValueTask<ToolResult> InvokeAsync(LlmChatInput input, Execution execution,
        CancellationToken cancel)
    {
        if (input.Body is not null)
        {
            return await ProtocolCall.RunAsync(input, execution, cancel);
        }
        try
        {
            var reply = await execution.ChatAsync(RequestOf(input), cancel);
            if (!input.Stream)
            {
                // streamed words are in the log already: whoever follows it reads the reply alone
                execution.Log($"{reply.Provider} {reply.Model} ({reply.Origin}): {reply.InputTokens} tokens "
                    + $"in, {reply.OutputTokens} out, {reply.CostUsd} USD\n{reply.Text}");
            }
            // the cost is counted by the Execution; the outputs only show it
            return new ToolResult(true, reply.Text,
                ToolJson.Element(new LlmChatOutputs(reply.Provider, reply.Model,
                reply.Origin, reply.InputTokens, reply.OutputTokens, reply.CostUsd)));
        }
        catch (AegisException e)
        {
            return ToolResult.Fail(e.Error);
        }
    }
}

public sealed record LlmChatOutputs(string Provider, string Model, string Origin, long InputTokens,
    long OutputTokens, decimal CostUsd);
