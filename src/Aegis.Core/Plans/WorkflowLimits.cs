namespace Aegis.Core.Plans;

/// <summary>What a workflow file may hold at most; docs/dsl.md and the schema say the same.</summary>
public static class WorkflowLimits
{
    public const int StepsMax = 10_000;
    public const int NameLengthMax = 128;
    public const int TriggersMax = 32;
    public const int GlobsMax = 64;
    public const int GlobLengthMax = 255;
    public const int ZoneLengthMax = 64;
    public const int InputsMax = 64;
    public const int DescriptionLengthMax = 1_024;
    public const int EnvNamesMax = 256;
    public const int EnvNameLengthMax = 128;
    public const int EnvValueLengthMax = 32 * 1_024;
    public const int AllowCommandsMax = 512;
    public const int AllowCommandLengthMax = 512;
    public const int EgressHostsMax = 256;
    public const int EgressEntryLengthMax = 1_024;
    public const decimal CostUsdMax = 1_000_000m;
    public const int RetriesMax = 20;
    public const int RetryOnMax = 32;
    public const int OutputsMax = 64;
    public const int IterationsMax = 1_000;
    public const int LocksMax = 16;

    /// <summary>Bytes of a lock's name in UTF-8, once it is computed: an index of PostgreSQL takes no
    /// more.</summary>
    public const int LockNameBytesMax = 2_000;

    /// <summary>Of a lock's name, an approval's message, a concurrency group, a dedupe key.</summary>
    public const int TextLengthMax = 1_024;
}
