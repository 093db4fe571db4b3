using System.Collections.Immutable;

namespace Aegis.Core.Runs;

/// <summary>Another run whose result a task takes over.</summary>
/// <param name="Layers">The task's files, in the order in which they were laid down; those of a group with
/// those of its tasks.</param>
public sealed record ReusedFrom(string RunId, ImmutableArray<string> Layers);
