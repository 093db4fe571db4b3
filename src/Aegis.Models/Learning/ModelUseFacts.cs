using Aegis.Core.Routing;
using Aegis.Core.Routing.Learning;
using Aegis.Core.Runs.Models;

namespace Aegis.Models.Learning;

/// <summary>What the end of a call says of its model by itself.</summary>
public static class ModelUseFacts
{
    /// <summary>The verdict on an answer that had a schema to follow; null where it had none, or where no
    /// model made it. To be reported with the use that goes into the ledger.</summary>
    public static ModelVerdict? OfSchema(ModelUse use, string tenant, DateTimeOffset at) =>
        use is { SchemaValid: { } valid, Outcome: ModelUse.Answered, Origin: "live" }
            ? new ModelVerdict(tenant, use.TaskType,
                new ModelKey(use.Provider, use.Chosen ?? use.Model), VerdictKind.SchemaValid,
                valid ? 1 : 0, at)
            : null;
}
