using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Plans;

namespace Aegis.Core.Tests.Runs;

/// <summary>Plans for tests of the run core: made of parts, so that they do not depend on the
/// compiler.</summary>
internal static class PlanOf
{
    public static readonly JsonElement NoInput = JsonDocument.Parse("{}").RootElement;

    public static PlanTask Task(int index, string id, string tool, int[] needs, int retries = 0,
        bool continueOnError = false, string? condition = null) =>
        new(index, id, tool, NoInput, true, condition, [.. needs],
            RetrySpec.None with { Max = retries }, null, continueOnError,
            ImmutableSortedDictionary<string, string>.Empty, index + 1);

    public static PlanGraph Tasks(params PlanTask[] tasks) => Tasks(null, tasks);

    public static PlanGraph Tasks(decimal? maxCost, params PlanTask[] tasks) =>
        new(new Plan("test", "hash", [new Aegis.Core.Plans.Triggers.ManualTrigger()],
        new PlanPolicy([], [], maxCost, null), [], ImmutableSortedDictionary<string, string>.Empty, null,
            [.. tasks]));
}
