using System.Buffers;
using System.Text.Json;

namespace Aegis.Core.Runs;

/// <summary>The steps that a step added to its run.</summary>
internal static class AddedSteps
{
    /// <summary>Whether a group's tasks were added by it, and are no items, iterations or turns.</summary>
    public static bool Are(RunState run, int group) =>
        run.Plan.Tasks[group].Options is { Foreach: null, Repeat: null } && !AgentTurns.IsLoop(run, group);

    /// <summary>How each ended, by its id: <c>{outcome, error?, outputs?}</c>; null where that is more than
    /// can be kept.</summary>
    public static JsonElement? Results(RunState run, int group)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        foreach (var member in run.Graph.Members(group))
        {
            var state = run.Tasks[member];
            writer.WriteStartObject(run.Plan.Tasks[member].StepId);
            writer.WriteString("outcome", state.Outcome);
            if (state.Error is { } error)
            {
                writer.WriteStartObject("error");
                writer.WriteString("code", error.Code);
                writer.WriteString("message", error.Message);
                writer.WriteString("got", error.Got);
                writer.WriteEndObject();
            }
            if (state.Outputs is { } outputs)
            {
                writer.WritePropertyName("outputs");
                outputs.WriteTo(writer);
            }
            writer.WriteEndObject();
            if (writer.BytesCommitted + writer.BytesPending > Groups.OutputsBytesMax)
            {
                return null;
            }
        }
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenCount > Groups.OutputsBytesMax ? null : JsonElement.Parse(buffer.WrittenSpan);
    }
}
