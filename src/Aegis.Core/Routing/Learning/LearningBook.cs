using System.Collections.Concurrent;

namespace Aegis.Core.Routing.Learning;

/// <summary>The arms of one tenant, or of all together. One writer, any number of readers: arms are values
/// that are replaced whole.</summary>
internal sealed class LearningBook
{
    private int _qualityArms;
    private int _serviceArms;

    public ConcurrentDictionary<string, ConcurrentDictionary<ModelKey, QualityArm>> Quality { get; } =
        new(StringComparer.Ordinal);

    public ConcurrentDictionary<ModelKey, ServiceArm> Service { get; } = new();

    public QualityArm Arm(string taskType, ModelKey model) =>
        Quality.TryGetValue(taskType, out var arms) && arms.TryGetValue(model, out var arm) ? arm
            : QualityArm.Empty;

    public ServiceArm Arm(ModelKey model) => Service.GetValueOrDefault(model, ServiceArm.Empty);

    public void Put(string taskType, ModelKey model, QualityArm arm)
    {
        var arms = Quality.GetOrAdd(taskType, _ => new());
        _qualityArms += arms.ContainsKey(model) ? 0 : 1;
        arms[model] = arm;
        if (_qualityArms > ModelLearning.ArmsMax)
        {
            ForgetQuality();
        }
    }

    public void Put(ModelKey model, ServiceArm arm)
    {
        _serviceArms += Service.ContainsKey(model) ? 0 : 1;
        Service[model] = arm;
        if (_serviceArms > ModelLearning.ArmsMax)
        {
            var oldest = Service.OrderBy(a => a.Value.At).ThenBy(a => a.Key)
                .Take(ModelLearning.ForgottenAtOnce).Select(a => a.Key).ToList();
            oldest.ForEach(key => Service.TryRemove(key, out _));
            _serviceArms -= oldest.Count;
        }
    }

    // in an order that the facts alone decide
    private void ForgetQuality()
    {
        var oldest = Quality.SelectMany(t => t.Value.Select(a => (Task: t.Key, Model: a.Key, a.Value.At)))
            .OrderBy(a => a.At).ThenBy(a => a.Task, StringComparer.Ordinal).ThenBy(a => a.Model)
            .Take(ModelLearning.ForgottenAtOnce).ToList();
        foreach (var (task, model, _) in oldest)
        {
            Quality[task].TryRemove(model, out _);
            if (Quality[task].IsEmpty)
            {
                Quality.TryRemove(task, out _);
            }
        }
        _qualityArms -= oldest.Count;
    }
}
