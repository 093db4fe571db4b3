using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Plans;
using Aegis.Core.Runs.Events;
using Aegis.Engine.Node;

namespace Aegis.Engine;

/// <summary>What a run keeps of its project's profile, in its first fact, so that a replay asks
/// nobody.</summary>
internal sealed record RunTerms(int? Profile, int? MaxAgents, ImmutableArray<TopicQueue>? Queues)
{
    public static async ValueTask<RunTerms> OfAsync(
        EngineNode node, Tenancy tenancy, Plan plan, int? profile, CancellationToken cancel)
    {
        var policies = profile is not null && node.Parts.Models is { } models
            ? (await models(tenancy, profile, cancel)).Profile?.Policies : null;
        return new(profile,
            plan.Tasks.Any(t => node.Traits(t.Tool) is { Turns: true }) ? policies?.MaxAgents : null,
            policies is { Approvals: { IsEmpty: false } queues } ? queues : null);
    }

    public RunStarted Of(RunStarted started) =>
        started with { ProfileVersion = Profile, MaxAgents = MaxAgents, Queues = Queues };
}
