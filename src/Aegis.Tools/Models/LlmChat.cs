using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Models;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Models;

/// <param name="Provider">A provider of the profile.</param>
/// <param name="Model">A model of that provider, or an alias of the profile.</param>
/// <param name="Prompt">The user's message; this or Messages.</param>
/// <param name="Messages">The whole conversation; this or Prompt.</param>
/// <param name="Role">Who speaks, for a rehearsal.</param>
/// <param name="Turn">Which of the role's turns this is, for a rehearsal.</param>
/// <param name="Stream">Whether the words are asked for as they come; the call's log has them at
/// once.</param>
public sealed record LlmChatInput(
    [property: StringLength(64, MinimumLength = 1)] string? Provider = null,
    [property: StringLength(200, MinimumLength = 1)] string? Model = null,
    [property: StringLength(LlmChat.PromptCharsMax, MinimumLength = 1)] string? Prompt = null,
    [property: Length(1, LlmChat.MessagesMax)] ImmutableArray<LlmMessage>? Messages = null,
    [property: StringLength(64, MinimumLength = 1)] string Role = "user",
    [property: Range(1, 10_000)] int Turn = 1,
    [property: Range(0.0, 2.0)] double? Temperature = null,
    [property: Range(1, 1_000_000)] int? MaxTokens = null,
    bool Stream = false) : IValidatableObject
{
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Prompt is null == Messages is null)
        {
            yield return new ValidationResult("give either prompt or messages");
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
public sealed class LlmChat : Tool<LlmChatInput>
{
    public const int PromptCharsMax = 512 * 1024;
    public const int MessagesMax = 500;

    // A model call changes nothing outside and may be made again: the answer differs, and the money for it is
    // covered by the budget block that was made durable before the call. Not Pure, for it is not free.
    public override ToolDescriptor Descriptor { get; } = new("llm.chat", "tools:llm", ToolEffect.Idempotent,
        "Asks a model of the profile and returns its reply.");

    protected override long? TokensMax(LlmChatInput input) => TokenQuota.Most(RequestOf(input));

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
            // refused after the act: the words are lost, the money is not
            var spent = e.Data[ModelDoor.SpentUsd] as decimal? ?? 0;
            return ToolResult.Fail(e.Error) with { CostUsd = spent };
        }
    }
}

public sealed record LlmChatOutputs(string Provider, string Model, string Origin, long InputTokens,
    long OutputTokens, decimal CostUsd);
