namespace Aegis.Models.Caching;

/// <summary>Bounds of the answers that are kept.</summary>
public sealed record AnswerCacheOptions
{
    /// <summary>The longest answer that is kept.</summary>
    public const int AnswerBytesMax = 256 * 1024;

    /// <summary>Answers in the memory of a node, 8,192.</summary>
    public int EntriesMax { get; init; } = 8_192;

    /// <summary>Their bytes, 32 MiB.</summary>
    public long BytesMax { get; init; } = 32 << 20;

    /// <summary>Answers of the ledger that a node knows of, 131,072; it asks for no others.</summary>
    public int KnownMax { get; init; } = 131_072;

    /// <summary>Answers that wait to be written to the ledger, 1,024; one more is dropped.</summary>
    public int WaitingMax { get; init; } = 1_024;

    /// <summary>Their bytes, 8 MiB.</summary>
    public long WaitingBytesMax { get; init; } = 8 << 20;

    /// <summary>How long after one batch the next is written, 200 ms: answers of a busy node must not keep
    /// the ledger from its facts.</summary>
    public TimeSpan WritePause { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How often other nodes' answers are looked for while calls come, 2 seconds.</summary>
    public TimeSpan NewsEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often the ledger is tidied, 5 minutes.</summary>
    public TimeSpan PruneEvery { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the ledger may take to find an answer, half a second; after that the model is
    /// asked.</summary>
    public TimeSpan FindTimeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Told of what goes wrong with the ledger, for the log; no call fails for it.</summary>
    public Action<Exception>? Broke { get; init; }
}
