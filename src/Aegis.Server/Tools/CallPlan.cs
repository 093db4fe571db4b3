using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Aegis.Core.Plans;
using Aegis.Engine;

namespace Aegis.Server.Tools;

/// <summary>
/// A call of a tool as a workflow of one step. There is no second way into the engine: what the workflow
/// language promises (recovery, approvals, budgets, the record) holds for a call because it is a run.
/// The input is data: what would be an expression in a workflow stays the text that it is.
/// </summary>
internal static class CallPlan
{
    public const string StepId = "call";

    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string NameOf(string tool) => $"tool:{tool}";

    public static ReadOnlyMemory<byte> Write(CallStart call, string name)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            WritePolicy(json, call.Policy);
            json.WriteStartArray("steps");
            if (call.Over is not null)
            {
                json.WriteStartObject();
                json.WriteString("id", FrozenStep.StepId);
                json.WriteString("uses", "flow.noop");
                json.WriteEndObject();
            }
            WriteStep(json, call);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Yaml(buffer.WrittenSpan);
    }

    private static void WriteStep(Utf8JsonWriter json, CallStart call)
    {
        json.WriteStartObject();
        json.WriteString("id", StepId);
        json.WriteString("uses", call.Tool);
        json.WritePropertyName("with");
        WriteLiteral(json, call.Input);
        if (call.Timeout is { } timeout)
        {
            json.WriteNumber("timeout", (long)timeout.TotalMilliseconds);
        }
        if (call.Approve is { Length: > 0 } words)
        {
            json.WriteString("approve", Literal(words));
        }
        else if (call.Approve is not null)
        {
            json.WriteBoolean("approve", true);
        }
        json.WriteEndObject();
    }

    public static PlanPolicy Policy(CallPolicyRequest policy) => new(
        [.. policy.AllowCommands ?? []], [.. policy.EgressAllow ?? []], policy.MaxCostUsd,
        policy.MaxTimeMs is { } ms and > 0 ? TimeSpan.FromMilliseconds(ms) : null);

    private static void WritePolicy(Utf8JsonWriter json, CallPolicyRequest policy)
    {
        json.WriteStartObject("policy");
        WriteList(json, "allow_commands", policy.AllowCommands);
        WriteList(json, "egress_allow", policy.EgressAllow);
        if (policy.MaxCostUsd is { } cost)
        {
            json.WriteNumber("max_cost_usd", cost);
        }
        if (policy.MaxTimeMs is { } time)
        {
            json.WriteNumber("max_time_ms", time);
        }
        json.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter json, string name, IReadOnlyList<string>? items)
    {
        json.WriteStartArray(name);
        foreach (var item in items ?? [])
        {
            json.WriteStringValue(item);
        }
        json.WriteEndArray();
    }

    private static void WriteLiteral(Utf8JsonWriter json, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    json.WritePropertyName(member.Name);
                    WriteLiteral(json, member.Value);
                }
                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    WriteLiteral(json, item);
                }
                json.WriteEndArray();
                break;
            case JsonValueKind.String:
                json.WriteStringValue(Literal(value.GetString()!));
                break;
            default:
                value.WriteTo(json);
                break;
        }
    }

    // both forms of an expression begin with these two characters; as an expression they are themselves
    private static string Literal(string text) =>
        text.Replace("${", "${{ '${' }}", StringComparison.Ordinal);

    /// <summary>JSON is YAML but for one thing: YAML has no escapes of surrogates, so a character beyond
    /// U+FFFF stands as itself.</summary>
    private static byte[] Yaml(ReadOnlySpan<byte> json)
    {
        var text = Encoding.UTF8.GetString(json);
        if (!text.Contains(@"\uD", StringComparison.OrdinalIgnoreCase))
        {
            return json.ToArray();
        }
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                plain.Append(text[i]);
            }
            else if (IsSurrogate(text, i))
            {
                plain.Append((char)Convert.ToInt32(text.Substring(i + 2, 4), 16));
                i += 5;
            }
            else
            {
                plain.Append(text[i]).Append(text[++i]);
            }
        }
        return Encoding.UTF8.GetBytes(plain.ToString());
    }

    private static bool IsSurrogate(string text, int at) =>
        text[at + 1] == 'u' && text[at + 2] is 'd' or 'D' && text[at + 3] is (>= '8' and <= '9')
            or (>= 'a' and <= 'f') or (>= 'A' and <= 'F');
}
