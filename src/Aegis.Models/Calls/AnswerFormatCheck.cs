using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Json;

namespace Aegis.Models.Calls;

/// <summary>Whether an answer has the form that was asked for.</summary>
internal static class AnswerFormatCheck
{
    /// <summary>A tool call has no such form, and needs none.</summary>
    public static bool IsJson(ChatAnswer answer) =>
        answer.Finish == FinishReason.ToolCalls || JsonBody.IsObject(answer.Text);
}
