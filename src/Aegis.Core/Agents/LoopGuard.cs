using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Aegis.Core.Errors;

namespace Aegis.Core.Agents;

/// <summary>Says when an agent goes round in circles, and when it has used up what it may. From the record of
/// its turns alone, so that a turn that is made again is judged the same.</summary>
public static class LoopGuard
{
    /// <summary>How often the same call may come to the same result before the model is told.</summary>
    public const int SameMax = 3;

    /// <summary>Hash of a call and its result. The order of members makes no difference.</summary>
    public static string Action(string tool, JsonElement? input, string result)
    {
        var text = new StringBuilder(tool).Append('\n');
        if (input is { } json)
        {
            Write(json, text);
        }
        return CutText.Hash(text.Append('\n').Append(result).ToString());
    }

    /// <param name="earlier">Turns that ended.</param>
    /// <param name="now">The calls of the turn that ends now.</param>
    public static LoopVerdict Judge(IReadOnlyList<TurnRecord> earlier, ImmutableArray<MadeCall> now)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var call in earlier.SelectMany(t => t.Calls).Concat(now))
        {
            counts[call.Action] = counts.GetValueOrDefault(call.Action) + 1;
        }
        var repeated = now.FirstOrDefault(c => counts[c.Action] >= SameMax);
        if (repeated is null)
        {
            return LoopVerdict.Fine;
        }
        var nudged = earlier.FirstOrDefault(t => t.NoteKind == TurnRecord.Nudge);
        return nudged is null ? new LoopVerdict(true, null)
            : new LoopVerdict(false, new AegisError("AEGIS2604",
                $"the agent made the same call with the same result {counts[repeated.Action]} times",
                $"something else after turn {nudged.Turn}, where it was told",
                $"{repeated.Name} {CutText.Of(repeated.Arguments, 400)}",
                "read the turns before; give a clearer task, or the tool that it lacks"));
    }

    /// <summary>Whether another call of the model may be made; the cap that forbids it otherwise.</summary>
    public static AegisError? Spent(IReadOnlyList<TurnRecord> earlier, TimeSpan elapsed, AgentLimits limits)
    {
        var (tokens, cost) = (earlier.Sum(t => t.Tokens), earlier.Sum(t => t.CostUsd));
        return earlier.Count >= limits.Turns ? TurnsSpent(limits)
            : tokens >= limits.Tokens ? Cap("AEGIS2605", "tokens", limits.Tokens, tokens)
            : limits.CostUsd > 0 && cost >= limits.CostUsd
                ? Cap("AEGIS2606", "cost_usd", limits.CostUsd, cost)
            : elapsed >= limits.Time ? TimeSpent(limits, elapsed)
            : null;
    }

    public static AegisError TurnsSpent(AgentLimits limits) =>
        Cap("AEGIS2603", "turns", limits.Turns, limits.Turns);

    public static AegisError TimeSpent(AgentLimits limits, TimeSpan elapsed) =>
        Cap("AEGIS2607", "time (seconds)", (decimal)limits.Time.TotalSeconds,
            Math.Round((decimal)elapsed.TotalSeconds, 1));

    private static AegisError Cap(string code, string what, decimal limit, decimal used) => new(code,
        $"the agent has used its {what} and is not done", string.Create(CultureInfo.InvariantCulture,
        $"at most {limit:0.######}"), string.Create(CultureInfo.InvariantCulture, $"{used:0.######}"),
        "give it a smaller task, or raise limits of the agent in the profile");

    private static void Write(JsonElement json, StringBuilder text)
    {
        if (json.ValueKind == JsonValueKind.Object)
        {
            text.Append('{');
            foreach (var member in json.EnumerateObject().OrderBy(m => m.Name, StringComparer.Ordinal))
            {
                text.Append(JsonEncodedText.Encode(member.Name)).Append(':');
                Write(member.Value, text);
                text.Append(',');
            }
            text.Append('}');
        }
        else if (json.ValueKind == JsonValueKind.Array)
        {
            text.Append('[');
            foreach (var item in json.EnumerateArray())
            {
                Write(item, text);
                text.Append(',');
            }
            text.Append(']');
        }
        else
        {
            text.Append(json.GetRawText());
        }
    }
}

/// <param name="Nudge">The model is told that it repeats itself.</param>
/// <param name="End">It was told, and did it again.</param>
public sealed record LoopVerdict(bool Nudge, AegisError? End)
{
    public static LoopVerdict Fine { get; } = new(false, null);
}
