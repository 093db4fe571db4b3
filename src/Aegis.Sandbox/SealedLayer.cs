using System.Collections.Immutable;

namespace Aegis.Sandbox;

/// <summary>What an attempt left: its upper layer, closed for ever.</summary>
/// <param name="LayerId"><c>STEP.ATTEMPT</c>; null where the attempt changed nothing, which makes no
/// layer.</param>
/// <param name="BytesUsed">Of the files in this layer alone.</param>
/// <param name="Lineage">The ids of the layers it was written over, lowest first.</param>
public sealed record SealedLayer(string? LayerId, long BytesUsed, int EntryCount,
    ImmutableArray<string> Lineage);
