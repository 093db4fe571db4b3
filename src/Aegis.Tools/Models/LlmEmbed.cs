using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Models.Calls;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Models;

/// <param name="Body">A call in OpenAI's words: <c>model</c>, <c>input</c>.</param>
/// <param name="Protocol">Of the body: <c>openai</c>.</param>
/// <param name="Provider">A provider of the profile.</param>
public sealed record LlmEmbedInput(
    JsonElement Body,
    [property: AllowedValues(null, "openai")] string? Protocol = null,
    [property: StringLength(64, MinimumLength = 1)] string? Provider = null) : IValidatableObject
{
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Body.ValueKind != JsonValueKind.Object)
        {
            yield return new ValidationResult("body is an object with model and input");
        }
    }
}

/// <summary>Turns texts into vectors.</summary>
public sealed class LlmEmbed : ModelTool<LlmEmbedInput>
{
    public override ToolDescriptor Descriptor { get; } = new("llm.embed", "tools:llm", ToolEffect.Idempotent,
        "Asks an embedding model of the profile for the vectors of texts.");

    protected override long? TokensMax(LlmEmbedInput input) => CallOf(input).Outline!.PromptBytes;

    protected override AegisError? Judge(LlmEmbedInput input) => ProtocolCall.WrongOf(() => CallOf(input));

    protected override async ValueTask<ToolResult> InvokeAsync(LlmEmbedInput input, Execution execution,
        CancellationToken cancel)
    {
        var end = await execution.ModelAsync(CallOf(input), cancel);
        if (end.Error is { } error)
        {
            return ToolResult.Fail(error);
        }
        cancel.ThrowIfCancellationRequested();
        var use = end.Use!;
        return new ToolResult(true, null, ToolJson.Element(new ProtocolOutputs(use.Provider, use.Model,
                use.Origin, use.Tokens.Input, use.Tokens.Output, use.CostUsd,
                JsonElement.Parse(end.Body.Span))));
    }

    private static ModelCall CallOf(LlmEmbedInput input)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(input.Body);
        var outline = CallOutline.Read(body);
        return new ModelCall(WireProtocol.OpenAi, AnswerKind.Embeddings, body, outline.Model)
        {
            Outline = outline,
            Provider = input.Provider,
        };
    }
}
