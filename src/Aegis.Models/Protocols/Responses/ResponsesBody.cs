using System.Text.Json;

namespace Aegis.Models.Protocols.Responses;

/// <summary>One thing that a model said: its text, or a call of a function.</summary>
internal sealed class ResponsesOutput(string id, string? callId, string? name)
{
    public string Id { get; } = id;

    /// <summary>Null for a message.</summary>
    public string? CallId { get; } = callId;

    public string? Name { get; } = name;

    public global::System.Text.StringBuilder Text { get; } = new();

    public bool IsDone { get; set; }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, Id);
        json.WriteString("type"u8, CallId is null ? "message"u8 : "function_call"u8);
        json.WriteString("status"u8, IsDone ? "completed"u8 : "in_progress"u8);
        if (CallId is not null)
        {
            json.WriteString("call_id"u8, CallId);
            json.WriteString("name"u8, Name);
            json.WriteString("arguments"u8, Text.ToString());
        }
        else
        {
            json.WriteString("role"u8, "assistant"u8);
            json.WriteStartArray("content"u8);
            if (IsDone)
            {
                Part(json, Text.ToString());
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    public static void Part(Utf8JsonWriter json, string text)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "output_text"u8);
        json.WriteString("text"u8, text);
        json.WriteStartArray("annotations"u8);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}

/// <summary>A response as a client sees it, whole or on the way.</summary>
internal sealed record ResponsesBody(string Id, string Model, long Created,
    IReadOnlyList<ResponsesOutput> Output, TokenUsage? Usage)
{
    public FinishReason? Finish { get; init; }

    public WireFailure? Failure { get; init; }

    public bool IsIncomplete => Finish is FinishReason.Length or FinishReason.Filter;

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, Id);
        json.WriteString("object"u8, "response"u8);
        json.WriteNumber("created_at"u8, Created);
        json.WriteString("status"u8, Failure is not null ? "failed"u8 : Finish is null ? "in_progress"u8
            : IsIncomplete ? "incomplete"u8 : "completed"u8);
        Ends(json);
        json.WriteString("model"u8, Model);
        json.WriteStartArray("output"u8);
        foreach (var output in Output)
        {
            output.Write(json);
        }
        json.WriteEndArray();
        json.WriteBoolean("parallel_tool_calls"u8, true);
        json.WriteNull("instructions"u8);
        json.WriteStartObject("metadata"u8);
        json.WriteEndObject();
        json.WriteNull("temperature"u8);
        json.WriteNull("top_p"u8);
        json.WriteString("tool_choice"u8, "auto"u8);
        json.WriteStartArray("tools"u8);
        json.WriteEndArray();
        Used(json);
        json.WriteEndObject();
    }

    private void Ends(Utf8JsonWriter json)
    {
        if (Failure is null)
        {
            json.WriteNull("error"u8);
        }
        else
        {
            json.WriteStartObject("error"u8);
            json.WriteString("code"u8, Failure.Code ?? "server_error");
            json.WriteString("message"u8, Failure.Message);
            json.WriteEndObject();
        }
        if (IsIncomplete)
        {
            json.WriteStartObject("incomplete_details"u8);
            json.WriteString("reason"u8,
                Finish == FinishReason.Length ? "max_output_tokens"u8 : "content_filter"u8);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("incomplete_details"u8);
        }
    }

    private void Used(Utf8JsonWriter json)
    {
        if (Usage is not { } usage)
        {
            json.WriteNull("usage"u8);
            return;
        }
        json.WriteStartObject("usage"u8);
        json.WriteNumber("input_tokens"u8, usage.Input);
        json.WriteStartObject("input_tokens_details"u8);
        json.WriteNumber("cached_tokens"u8, usage.CachedInput);
        json.WriteEndObject();
        json.WriteNumber("output_tokens"u8, usage.Output);
        json.WriteStartObject("output_tokens_details"u8);
        json.WriteNumber("reasoning_tokens"u8, usage.Reasoning);
        json.WriteEndObject();
        json.WriteNumber("total_tokens"u8, usage.Input + usage.Output);
        json.WriteEndObject();
    }
}
