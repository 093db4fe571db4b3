using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Agents.Contracts;
using Aegis.Core.Agents;
using Aegis.Core.Errors;

namespace Aegis.Agents.Loop;

/// <summary>What a model is asked in a turn: made from the step's input and the turns before, the same way
/// every time.</summary>
internal sealed class TurnPrompt(AgentDefinition agent, AgentRunInput input, OfferedTools tools)
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    };

    /// <summary>The body of a call in OpenAI's protocol.</summary>
    /// <exception cref="AegisException">AEGIS2609: what is pinned does not fit.</exception>
    public byte[] Body(ImmutableArray<TurnRecord> turns)
    {
        var (system, schemas) = (System(), tools.Schemas());
        var fixedTokens = Compaction.Tokens(system) + Compaction.Tokens(input.Task)
            + Compaction.Tokens(schemas.ToJsonString()) + 64;
        var fit = Compaction.Fit(fixedTokens, Sections(), turns, agent.Limits.ContextTokens);
        if (fit.Error is { } error)
        {
            throw new AegisException(error);
        }
        var messages = new JsonArray(Message("system", system), Message("user", Opening(fit)));
        foreach (var turn in fit.Turns)
        {
            Add(messages, turn);
        }
        var body = new JsonObject { ["model"] = agent.Model, ["messages"] = messages };
        if (schemas.Count > 0)
        {
            body["tools"] = schemas;
        }
        return JsonSerializer.SerializeToUtf8Bytes(body);
    }

    /// <summary>The first words of the task: they follow what the loop says, so that a reader, and a
    /// rehearsal, knows what it is about.</summary>
    public string Reminder => "\n\nThe task is still: "
        + (input.Task.Length <= 300 ? input.Task : CutText.Of(input.Task, 420));

    private string System() => PromptText.Fill(agent.Prompt, new Dictionary<string, string>
    {
        ["role"] = agent.Role,
        ["speciality"] = agent.Speciality is { } own ? $"You are best at {own}." : "",
        ["tools"] = tools.Words(),
        ["contract"] = "```json\n"
            + JsonSerializer.Serialize(ReplyContract.All[agent.Contract].Schema, Readable) + "\n```",
    });

    private string Opening(Compacted fit)
    {
        var text = new StringBuilder("## Task\n\n").Append(input.Task);
        foreach (var section in fit.Sections)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n\n## {section.Name}\n\n{section.Text}");
        }
        if (fit.Dropped > 0)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"\n\n(Your first {fit.Dropped} turns are left out here; their files are in the workspace.)");
        }
        return text.ToString();
    }

    private ImmutableArray<ContextSection> Sections() =>
        [.. (input.Context ?? ImmutableSortedDictionary<string, JsonElement>.Empty)
            .Where(c => c.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined))
            .Select(c => new ContextSection(c.Key, c.Value.ValueKind == JsonValueKind.String
                ? c.Value.GetString()! : JsonSerializer.Serialize(c.Value, Readable)))];

    private static void Add(JsonArray messages, TurnRecord turn)
    {
        var said = new JsonObject { ["role"] = "assistant", ["content"] = turn.Said };
        if (turn.Calls.Length > 0)
        {
            said["tool_calls"] = new JsonArray([.. turn.Calls.Select(c => (JsonNode)new JsonObject
            {
                ["id"] = c.Id,
                ["type"] = "function",
                ["function"] = new JsonObject { ["name"] = c.Name, ["arguments"] = c.Arguments },
            })]);
        }
        messages.Add(said);
        foreach (var call in turn.Calls)
        {
            messages.Add(new JsonObject
            {
                ["role"] = "tool",
                ["tool_call_id"] = call.Id,
                ["content"] = call.Result,
            });
        }
        if (turn.Note is { } note)
        {
            messages.Add(Message("user", note));
        }
    }

    private static JsonObject Message(string role, string text) =>
        new() { ["role"] = role, ["content"] = text };
}
