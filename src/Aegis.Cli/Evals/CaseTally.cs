using System.Text.Json;
using Aegis.Client;

namespace Aegis.Cli.Evals;

/// <summary>What a case's run used, counted from its facts: an agent that a cap stopped has used no less than
/// one that ended.</summary>
internal sealed class CaseTally
{
    private DateTimeOffset? began;

    public int Turns { get; private set; }

    public long Tokens { get; private set; }

    public decimal CostUsd { get; private set; }

    public string? Origin { get; private set; }

    /// <summary>Provider and model of the newest answer.</summary>
    public string? Model { get; private set; }

    public TimeSpan Took { get; private set; }

    public void Add(RunEvent fact)
    {
        began ??= fact.At;
        Took = fact.At - began.Value;
        if (fact.Type is not ("ModelReplied" or "ToolReturned") || fact.Payload is not { } payload)
        {
            return;
        }
        Turns += fact.Type == "ModelReplied" ? 1 : 0;
        CostUsd += payload.TryGetProperty("cost_usd", out var cost) ? cost.GetDecimal() : 0;
        if (payload.TryGetProperty("models", out var models) && models.ValueKind == JsonValueKind.Array)
        {
            foreach (var use in models.EnumerateArray())
            {
                Add(use);
            }
        }
    }

    private void Add(JsonElement use)
    {
        Tokens += Number(use.GetProperty("tokens"), "input") + Number(use.GetProperty("tokens"), "output");
        Origin = use.GetProperty("origin").GetString();
        Model = $"{use.GetProperty("provider").GetString()}/{use.GetProperty("model").GetString()}";
    }

    private static long Number(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) ? value.GetInt64() : 0;
}
