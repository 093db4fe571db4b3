using System.Collections.Immutable;

namespace Aegis.Core.Routing.Replacements;

/// <summary>The decisions that stand: a fold of <see cref="ModelReplaced"/>.</summary>
public sealed record ModelReplacements(ImmutableDictionary<(ModelKey, string?), ModelReplaced> Decisions)
{
    /// <summary>A stand-in may be replaced itself; a chain ends here.</summary>
    public const int StepsMax = 16;

    public static ModelReplacements None { get; } =
        new(ImmutableDictionary<(ModelKey, string?), ModelReplaced>.Empty);

    /// <summary>The newest decision of a model and task type stands; one that leads back ends the one it
    /// leads back to.</summary>
    public ModelReplacements With(ModelReplaced decision) => new(Decisions
        .RemoveRange(Decisions.Values.Where(d => d.From == decision.To)
            .Where(d => d.TaskType == decision.TaskType || decision.TaskType is null)
            .Select(d => (d.From, d.TaskType)))
        .SetItem((decision.From, decision.TaskType), decision));

    /// <summary>Takes a decision back: the model is asked again.</summary>
    public ModelReplacements Without(ModelKey model) => new(Decisions.RemoveRange(
        Decisions.Keys.Where(k => k.Item1 == model)));

    /// <summary>The model that answers where this one is named, and the decisions that led there.</summary>
    public (ModelKey Model, ImmutableArray<ModelReplaced> Why) Follow(ModelKey model, string taskType)
    {
        var why = ImmutableArray.CreateBuilder<ModelReplaced>();
        while (why.Count < StepsMax && (Decisions.GetValueOrDefault((model, taskType))
            ?? Decisions.GetValueOrDefault((model, null))) is { } decision
            && !why.Any(d => d.From == decision.To))
        {
            why.Add(decision);
            model = decision.To;
        }
        return (model, why.ToImmutable());
    }
}
