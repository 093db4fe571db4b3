using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Server.Json;
using Aegis.Server.Problems;

namespace Aegis.Server.Rpc;

/// <summary>Answers of one message, in the way of speaking that it came in.</summary>
internal sealed class RpcReply(RpcWire wire, RpcForm form, JsonElement? id)
{
    /// <summary>JSON-RPC's code for an error of the application; ours is in data.</summary>
    private const int ServerError = -32000;

    /// <summary>Says that it is done.</summary>
    /// <param name="members">Writes what it came to; in the two plain forms beside id and ok.</param>
    public ValueTask DoneAsync(Action<Utf8JsonWriter>? members = null) => AnswerAsync(json =>
    {
        if (form == RpcForm.JsonRpc)
        {
            json.WriteStartObject("result");
            members?.Invoke(json);
            json.WriteEndObject();
            return;
        }
        json.WriteBoolean("ok", true);
        members?.Invoke(json);
    });

    /// <summary>Says that it failed.</summary>
    /// <param name="rule">The rule of the gate that decided.</param>
    /// <param name="members">Further members of the answer.</param>
    public ValueTask FailedAsync(
        AegisError error, string? rule = null, Action<Utf8JsonWriter>? members = null) => AnswerAsync(json =>
    {
        var problem = ProblemAnswer.Of(ErrorRegistry.Status(error.Code), error, rule: rule);
        if (form == RpcForm.JsonRpc)
        {
            json.WriteStartObject("error");
            json.WriteNumber("code", ServerError);
            json.WriteString("message", error.Message);
            json.WritePropertyName("data");
            JsonSerializer.Serialize(json, problem, DoorJson.Default.ProblemAnswer);
            json.WriteEndObject();
            return;
        }
        json.WriteBoolean("ok", false);
        members?.Invoke(json);
        json.WritePropertyName("error");
        JsonSerializer.Serialize(json, problem, DoorJson.Default.ProblemAnswer);
    });

    /// <summary>A piece of output before the end.</summary>
    public ValueTask StreamAsync(string type, string data) =>
        TellAsync(json => WriteStream(json, type, data));

    /// <summary>Which run the call is, before its first output.</summary>
    public ValueTask BeganAsync(string runId) => TellAsync(json =>
    {
        json.WriteString("run_id", runId);
        WriteStream(json, "", null);
    });

    private ValueTask TellAsync(Action<Utf8JsonWriter> members) => wire.SendAsync(json =>
    {
        json.WriteStartObject();
        if (form == RpcForm.JsonRpc)
        {
            json.WriteString("jsonrpc", "2.0");
            json.WriteString("method", "stream");
            json.WriteStartObject("params");
        }
        WriteId(json);
        members(json);
        if (form == RpcForm.JsonRpc)
        {
            json.WriteEndObject();
        }
        json.WriteEndObject();
    });

    public static void WriteStream(Utf8JsonWriter json, string type, string? data)
    {
        json.WriteStartArray("stream");
        if (!string.IsNullOrEmpty(data))
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteString("data", data);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private ValueTask AnswerAsync(Action<Utf8JsonWriter> write) => wire.SendAsync(json =>
    {
        json.WriteStartObject();
        if (form == RpcForm.JsonRpc)
        {
            json.WriteString("jsonrpc", "2.0");
        }
        WriteId(json);
        write(json);
        json.WriteEndObject();
    });

    private void WriteId(Utf8JsonWriter json)
    {
        if (id is { } given)
        {
            json.WritePropertyName("id");
            given.WriteTo(json);
        }
        else if (form == RpcForm.JsonRpc)
        {
            json.WriteNull("id");
        }
    }
}
