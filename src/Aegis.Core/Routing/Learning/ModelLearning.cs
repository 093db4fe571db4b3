using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Aegis.Core.Routing.Learning;

/// <summary>
/// What is learned about models: a fold of facts, so that the ledger can make it again. Each tenant has arms
/// of its own for (task type, model), which begin from arms that all share. Verdicts fade with time, because
/// models change behind their names. One writer folds; any thread may choose meanwhile.
/// </summary>
public sealed class ModelLearning(LearningRules rules)
{
    /// <summary>Of one tenant; the oldest ones go first.</summary>
    public const int ArmsMax = 20_000;

    // many at once, so that it is rare
    internal const int ForgottenAtOnce = ArmsMax / 8;

    private readonly ConcurrentDictionary<string, LearningBook> _tenants = new(StringComparer.Ordinal);
    private readonly LearningBook _shared = new();

    public LearningRules Rules => rules;

    public static ModelLearning From(LearningSnapshot snapshot, LearningRules rules)
    {
        var learning = new ModelLearning(rules);
        foreach (var row in snapshot.Quality)
        {
            learning.Book(row.Tenant).Put(row.TaskType, new(row.Provider, row.Model), row.Arm);
        }
        foreach (var row in snapshot.Service)
        {
            learning.Book(row.Tenant).Put(new(row.Provider, row.Model), row.Arm);
        }
        return learning;
    }

    public void Apply(ModelFact fact)
    {
        switch (fact)
        {
            case ModelVerdict verdict:
                Judge(verdict);
                break;
            case ModelCallSettled { Outcome: not CallOutcome.Neutral } call:
                Serve(call);
                break;
        }
    }

    public LearningView View(string tenant, string taskType, DateTimeOffset now) =>
        new(rules, _tenants.GetValueOrDefault(tenant), _shared, taskType, now);

    /// <summary>The models that a tenant itself knows something of; the task type is null of one of which
    /// only its service is known. What others call their models is not told.</summary>
    public IEnumerable<(string? TaskType, ModelKey Model)> Known(string tenant)
    {
        if (!_tenants.TryGetValue(tenant, out var own))
        {
            return [];
        }
        var judged = own.Quality.SelectMany(t => t.Value.Keys.Select(m => ((string?)t.Key, m))).ToList();
        return [.. judged, .. own.Service.Keys.Except(judged.Select(j => j.m))
            .Select(m => ((string?)null, m))];
    }

    /// <summary>In an order that the content alone decides: equal states have equal snapshots.</summary>
    public LearningSnapshot Snapshot()
    {
        var books = _tenants.Select(t => (Tenant: (string?)t.Key, Book: t.Value))
            .Prepend((null, _shared)).OrderBy(b => b.Tenant, StringComparer.Ordinal).ToList();
        return new(
            [.. books.SelectMany(b => b.Book.Quality.OrderBy(t => t.Key, StringComparer.Ordinal)
                .SelectMany(t => t.Value.OrderBy(a => a.Key).Select(a =>
                    new QualityRow(t.Key, a.Key.Provider, a.Key.Model, a.Value, b.Tenant))))],
            [.. books.SelectMany(b => b.Book.Service.OrderBy(a => a.Key).Select(a =>
                new ServiceRow(a.Key.Provider, a.Key.Model, a.Value, b.Tenant)))]);
    }

    private void Judge(ModelVerdict verdict)
    {
        var weight = rules.WeightOf(verdict.Kind);
        var value = double.IsNaN(verdict.Value) ? 0 : Math.Clamp(verdict.Value, 0, 1);
        var own = Book(verdict.Tenant);
        var arm = own.Arm(verdict.TaskType, verdict.Model).To(verdict.At, rules);
        var heard = weight * Voice(arm.Recent.Weight);
        own.Put(verdict.TaskType, verdict.Model, arm.Add(value, weight, verdict.At, rules));
        _shared.Put(verdict.TaskType, verdict.Model, _shared.Arm(verdict.TaskType, verdict.Model)
            .Add(value, heard, verdict.At, rules));
    }

    private void Serve(ModelCallSettled call)
    {
        var own = Book(call.Tenant);
        var arm = own.Arm(call.Model).To(call.At, rules);
        var heard = Voice(arm.Answers.Weight);
        own.Put(call.Model, arm.Add(call, 1, rules));
        _shared.Put(call.Model, _shared.Arm(call.Model).Add(call, heard, rules));
    }

    private double Voice(double said) => rules.TenantVoiceHalf / (rules.TenantVoiceHalf + said);

    private LearningBook Book(string? tenant) =>
        tenant is null ? _shared : _tenants.GetOrAdd(tenant, _ => new LearningBook());
}

/// <summary>The learning state as a value; JSON writes and reads it exactly
/// (<see cref="RouteExplanation.Json"/>).</summary>
public sealed record LearningSnapshot(ImmutableArray<QualityRow> Quality, ImmutableArray<ServiceRow> Service);

/// <param name="Tenant">Null for what all share.</param>
public sealed record QualityRow(string TaskType, string Provider, string Model, QualityArm Arm,
    string? Tenant = null);

/// <param name="Tenant">Null for what all share.</param>
public sealed record ServiceRow(string Provider, string Model, ServiceArm Arm, string? Tenant = null);
