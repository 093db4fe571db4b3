using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.FileHashes;

namespace Aegis.Core.Runs;

/// <summary>What <c>hashFiles()</c> came to, for these patterns, over the files that a task sees.</summary>
public sealed record FileHashFact(ImmutableArray<string> Patterns, string Hash);

/// <summary>Answers <c>hashFiles()</c> from what is recorded, so that a replay answers the same.</summary>
internal sealed class RecordedHashes(ImmutableArray<FileHashFact>? recorded) : IFileHashes
{
    public FileHash HashOf(ImmutableArray<string> patterns) => Find(recorded, patterns) is { } fact
        ? new FileHash(fact.Hash, null)
        : new FileHash(null, new AegisError("AEGIS1086", "hashFiles() was not computed here",
            "a call in if, with, env or outputs of a step"));

    public static FileHashFact? Find(
        ImmutableArray<FileHashFact>? recorded, ImmutableArray<string> patterns) =>
        recorded?.FirstOrDefault(f => f.Patterns.SequenceEqual(patterns, StringComparer.Ordinal));
}
