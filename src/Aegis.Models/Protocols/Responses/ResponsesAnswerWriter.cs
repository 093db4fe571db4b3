using Aegis.Models.Protocols.Json;

namespace Aegis.Models.Protocols.Responses;

/// <summary>Writes a chat's answer as a response.</summary>
public static class ResponsesAnswerWriter
{
    /// <param name="created">Seconds since 1970.</param>
    public static byte[] Write(ChatAnswer answer, long created)
    {
        var output = new List<ResponsesOutput>();
        if (answer.Text is { Length: > 0 } text)
        {
            output.Add(Done(new($"msg_{answer.Id}", null, null), text));
        }
        foreach (var call in answer.Parts.OfType<ToolCallPart>())
        {
            output.Add(Done(new($"fc_{call.Id}", call.Id, call.Name), call.Arguments));
        }
        var body = new ResponsesBody(IdOf(answer.Id), answer.Model, created, output, answer.Usage)
        {
            Finish = answer.Finish,
        };
        return JsonBody.Of(body, static (json, it) => it.Write(json));
    }

    internal static string IdOf(string id) =>
        id.StartsWith("resp_", StringComparison.Ordinal) ? id : $"resp_{id}";

    private static ResponsesOutput Done(ResponsesOutput output, string text)
    {
        output.Text.Append(text);
        output.IsDone = true;
        return output;
    }
}
