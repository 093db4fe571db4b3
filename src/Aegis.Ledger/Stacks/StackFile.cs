namespace Aegis.Ledger.Stacks;

/// <summary>A state or a saved plan of a stack, without its bytes.</summary>
/// <param name="Digest">SHA-256 of the open bytes, 64 hex digits.</param>
/// <param name="Base">Of a plan: the version of the state that it was made from; null for none.</param>
/// <param name="Note">Of a state: what made it; of a plan: the words by which it is approved.</param>
/// <param name="Used">Of a plan: null, <c>started</c>, <c>done</c> or <c>failed</c>.</param>
/// <param name="UsedBy">The call that applied it.</param>
public sealed record StackFile(int Version, string Digest, long SealedBytes, int? Base, string Note,
    string CallId, string Actor, DateTimeOffset MadeAt, string? Used, string? UsedBy)
{
    public const string State = "state";
    public const string Plan = "plan";
    public const string Started = "started";
    public const string Done = "done";
    public const string Failed = "failed";
}

/// <summary>What is said of bytes that are to be kept.</summary>
public sealed record StackNote(string Kind, string Text, string CallId, string Actor, int? Base = null);
