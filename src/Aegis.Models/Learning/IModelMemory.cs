using Aegis.Core;
using Aegis.Core.Routing;
using Aegis.Core.Routing.Breakers;
using Aegis.Core.Routing.Learning;

namespace Aegis.Models.Learning;

/// <summary>What a node knows of models, as a call needs it: to choose from, to report to, and nothing that
/// waits.</summary>
public interface IModelMemory
{
    /// <summary>For choosing; only <see cref="Report"/> changes it.</summary>
    ModelLearning Learning { get; }

    /// <summary>The breakers of all calls that are made with the same keys.</summary>
    /// <param name="keyOwner">Whose keys: null for the host's, the tenant's id for its own, and any name
    /// that is not a tenant's for those of a user.</param>
    BreakerBook Breakers(string? keyOwner);

    /// <summary>Never waits: a call goes on while it is learned from. What is past the queue's bound is
    /// counted and forgotten.</summary>
    void Report(ModelFact fact);

    /// <summary>The model that answers where this one is named; itself where no decision stands.</summary>
    ModelKey Follow(ModelKey named, string taskType, Tenancy tenancy);

    /// <summary>A call named this model rather than leave the choice: whether another one must stand in for
    /// it is judged on the next beat. Takes what <see cref="Follow"/> answered.</summary>
    void Watch(NamedModel named);
}
