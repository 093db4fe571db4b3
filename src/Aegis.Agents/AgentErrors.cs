using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Agents;
using Aegis.Core.Errors;

namespace Aegis.Agents;

/// <summary>Errors of an agent's loop: AEGIS2600 to 2619.</summary>
internal static class AgentErrors
{
    public static AegisError NoAgent(string name, ImmutableArray<string> known) => new("AEGIS2600",
        $"there is no agent {name}", string.Join(", ", known.Order(StringComparer.Ordinal)), name,
        NearestName.Of(name, known) is { } near ? $"did you mean {near}?"
            : "add it under agents of the profile");

    public static AegisError Wider(string agent, string what, string expected, string got) => new("AEGIS2601",
        $"the step gives {agent} more {what} than it has", expected, got,
        "a step may only narrow an agent; change the agent itself in the profile");

    public static AegisError NotBound(AgentDefinition agent, IEnumerable<string> errors) => new("AEGIS2602",
        $"the reply of {agent.Name} is no {agent.Contract}, and neither was the one before: "
            + CutText.Of(string.Join("; ", errors), 2_000),
        $"a JSON object that fits {agent.Contract}", null,
        "read the turns; give a clearer task, or another model");

    public static AegisError TooLong(long bytes) => new("AEGIS2610", "a reply of the model is too long",
        $"at most {Loop.ReplyReading.BytesMax} bytes", $"{bytes}",
        "lower generation.max_tokens of the profile, or give a smaller task");

    public static AegisError NoTool(string name, IEnumerable<string> known) => new("AEGIS2611",
        $"there is no tool {CutText.Of(name, 100)}", string.Join(", ", known), null,
        "call one of these by its exact name");

    public static AegisError BadArguments(string tool, string why) => new("AEGIS2612",
        $"the arguments of {tool} are no JSON object: {why}", "a JSON object that fits the tool's schema",
        null, "write the call again, whole");

    public static AegisError TooManyCalls(int count) => new("AEGIS2613",
        "the reply asks for too many calls, and none was made", $"at most {Loop.ReplyReading.CallsMax}",
        $"{count}", "ask for fewer at once");

    public static AegisError Unreadable(string why) => new("AEGIS2614",
        $"the model's answer cannot be read: {why}", "an answer of OpenAI's protocol", null,
        "try again; another model may be named for the agent's alias");

    public static AegisError SameName(string one, string other) => new("AEGIS2615",
        $"the tools {one} and {other} have the same name towards a model", "names that differ", null,
        "take one of them out of the agent's tools");
}
