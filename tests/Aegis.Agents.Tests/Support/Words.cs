using System.Text;
using System.Text.Json;

namespace Aegis.Agents.Tests.Support;

/// <summary>What a rehearsal says in an agent's place.</summary>
internal static class Words
{
    public const string Report = """{"summary": "It is written.", "files_changed": ["a.txt"]}""";

    /// <summary>A workflow of one step with the builder.</summary>
    public static string Workflow(string with = "", string policy = "", string more = "") => $$"""
        name: test
        on: manual
        policy: { allow_commands: [cat]{{(policy.Length > 0 ? ", " + policy : "")}} }
        steps:
          - id: build
            uses: agent.run
            with: { agent: builder, task: Write the file a.txt.{{(with.Length > 0 ? ", " + with : "")}} }
        {{more}}
        """;

    /// <summary>A rehearsal of the builder: each turn a text, or calls.</summary>
    public static string Rehearsal(params object[] turns)
    {
        var text = new StringBuilder("origin: scripted\nturns:\n");
        for (var i = 0; i < turns.Length; i++)
        {
            text.Append($"  - {{ role: builder, turn: {i + 1}, cost_usd: 0.01, ");
            text.Append(turns[i] is string said ? $"reply: {JsonSerializer.Serialize(said)}"
                : $"answer: {{ content: [{Calls((Call[])turns[i])}], finish: tool_calls, "
                    + "usage: { input: 100, output: 10 } }");
            text.Append(" }\n");
        }
        return text.ToString();
    }

    private static string Calls(Call[] calls) => string.Join(", ", calls.Select((c, i) =>
        $"{{ call: {{ id: c{i}, name: {JsonSerializer.Serialize(c.Name)}, "
        + $"arguments: {JsonSerializer.Serialize(c.Arguments)} }} }}"));
}

internal sealed record Call(string Name, string Arguments)
{
    public static Call Of(string tool, object input) =>
        new(tool.Replace(".", "__", StringComparison.Ordinal), JsonSerializer.Serialize(input));

    public static Call[] Write(string path, string content) => [Of("file.write", new { path, content })];
}
