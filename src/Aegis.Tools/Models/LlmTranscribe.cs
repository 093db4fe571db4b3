using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Models;
using Aegis.Models.Calls;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Models;

/// <param name="Model">A model or alias of the profile.</param>
/// <param name="Artifact">The sound file; left out where a client sends one.</param>
/// <param name="Version">Of the artifact; the newest where left out.</param>
/// <param name="Language">Of the words, such as <c>es</c>.</param>
/// <param name="Bytes">Of the file that a client sends.</param>
public sealed record LlmTranscribeInput(
    [property: StringLength(200, MinimumLength = 1)] string Model = "transcription",
    [property: StringLength(200, MinimumLength = 1)] string? Artifact = null,
    [property: Range(1, int.MaxValue)] int? Version = null,
    [property: StringLength(16, MinimumLength = 2)] string? Language = null,
    [property: Range(1, ProtocolLimits.FormBytesMax)] long? Bytes = null);

/// <summary>Writes down what is said in a sound file.</summary>
public sealed class LlmTranscribe : ModelTool<LlmTranscribeInput>
{
    public override ToolDescriptor Descriptor { get; } = new("llm.transcribe", "tools:llm",
        ToolEffect.Idempotent, "Asks a transcription model of the profile what is said in a sound file.");

    protected override async ValueTask<ToolResult> InvokeAsync(LlmTranscribeInput input, Execution execution,
        CancellationToken cancel)
    {
        var end = await execution.ModelAsync(await CallAsync(input, execution, cancel), cancel);
        if (end.Error is { } error)
        {
            return ToolResult.Fail(error);
        }
        cancel.ThrowIfCancellationRequested();
        var use = end.Use!;
        return new ToolResult(true, TextOf(end.Body), ToolJson.Element(new LlmChatOutputs(
                use.Provider, use.Model,
                use.Origin, use.Tokens.Input, use.Tokens.Output, use.CostUsd)));
    }

    private static string? TextOf(ReadOnlyMemory<byte> body)
    {
        using var answer = JsonDocument.Parse(body);
        return answer.RootElement.TryGetProperty("text", out var text) ? text.GetString() : null;
    }

    private static async ValueTask<ModelCall> CallAsync(
        LlmTranscribeInput input, Execution execution, CancellationToken cancel)
    {
        if (input.Artifact is not { } id)
        {
            throw ModelErrors.BadRequest("no sound file is named", "artifact: the id of one");
        }
        var found = await execution.OpenArtifactAsync(id, input.Version, cancel)
            ?? throw ModelErrors.BadRequest($"there is no artifact {id}", "an artifact of the run's project");
        await using var bytes = found.Bytes;
        using var form = new MemoryStream();
        form.Write(SoundForm.Head(input.Model, Path.GetFileName(found.Version.Path), found.Version.MediaType,
            input.Language));
        await CopyAsync(bytes, form, cancel);
        form.Write(SoundForm.Tail());
        return SoundForm.CallOf(form.ToArray());
    }

    private static async Task CopyAsync(Stream from, MemoryStream to, CancellationToken cancel)
    {
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await from.ReadAsync(buffer, cancel)) > 0)
        {
            if (to.Length + read > ProtocolLimits.FormBytesMax)
            {
                throw ModelErrors.BadRequest("the sound file is too large", string.Create(
                    CultureInfo.InvariantCulture, $"at most {ProtocolLimits.FormBytesMax} bytes"));
            }
            to.Write(buffer, 0, read);
        }
    }
}
