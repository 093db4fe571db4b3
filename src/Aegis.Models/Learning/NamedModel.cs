using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Routing;

namespace Aegis.Models.Learning;

/// <summary>A model that a call or an alias named, and those that could stand in for it.</summary>
/// <param name="KeyOwner">As <see cref="IModelMemory.Breakers"/> takes it.</param>
/// <param name="Candidates">Of the profile then, the named one among them.</param>
public sealed record NamedModel(Tenancy Tenancy, string? KeyOwner, string TaskType, ModelKey Model,
    ImmutableArray<RouteCandidate> Candidates);
