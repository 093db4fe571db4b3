using Aegis.Core.Routing.Learning;

namespace Aegis.Core.Tests.Routing.Simulation;

/// <summary>Somebody who chooses models for the calls of the month.</summary>
internal abstract class MonthPolicy(string name)
{
    public string Name => name;

    /// <summary>The first one, and whom to ask if it does not answer.</summary>
    public abstract IEnumerable<SimulatedModel> Choose(MonthCall call);

    public virtual void Hear(ModelVerdict verdict)
    {
    }

    public virtual void Hear(SimulatedModel model, MonthCall call, MonthTry end)
    {
    }
}

/// <summary>Each in its turn.</summary>
internal sealed class RoundRobin() : MonthPolicy(RegretReport.InTurns)
{
    private int _next;

    public override IEnumerable<SimulatedModel> Choose(MonthCall call)
    {
        var models = SimulatedMonth.Models;
        var from = _next++;
        return Enumerable.Range(0, models.Length).Select(i => models[(from + i) % models.Length]);
    }
}

/// <summary>Tries all of them on the first day, then stays with the one that was best for the task type; the
/// others, in their order, where it does not answer.</summary>
internal sealed class FirstDayPick() : MonthPolicy(RegretReport.FixedPick)
{
    private readonly RoundRobin _firstDay = new();
    private readonly Dictionary<(string, string), (double Good, int Count)> _verdicts = [];
    private readonly Dictionary<int, SimulatedModel[]> _order = [];

    public override IEnumerable<SimulatedModel> Choose(MonthCall call)
    {
        if (call.Day < 1)
        {
            return _firstDay.Choose(call);
        }
        if (!_order.TryGetValue(call.Task, out var order))
        {
            // its prices and times are known from the first day as well; the sizes are those of this call
            _order[call.Task] = order = [.. SimulatedMonth.Models.OrderByDescending(m =>
                SimulatedMonth.Worth(m, call) + (SimulatedMonth.Weights.Quality
                    * (Seen(m, call) - m.QualityAt(call.Day, call.Task))))];
        }
        return order;
    }

    public override void Hear(ModelVerdict verdict)
    {
        var key = (verdict.TaskType, verdict.Model.Model);
        var (good, count) = _verdicts.GetValueOrDefault(key);
        _verdicts[key] = (good + verdict.Value, count + 1);
    }

    private double Seen(SimulatedModel model, MonthCall call)
    {
        var (good, count) = _verdicts.GetValueOrDefault((call.TaskType, model.Name));
        return count == 0 ? 0 : good / count;
    }
}
