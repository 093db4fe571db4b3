using Aegis.Core.Errors;

namespace Aegis.Ledger.Audit;

internal static class AuditErrors
{
    public static AegisException NothingToErase(string stream, int version) => new(new AegisError("AEGIS4030",
        "there is no such event whose payload could be erased",
            "an event of this project, not itself a PayloadErased",
        $"{stream} version {version}", "Check the stream and the version."));

    public static AegisException CheckpointUnreadable(int sequence) => new(new AegisError("AEGIS4031",
        $"checkpoint {sequence} cannot be read", "a checkpoint file as it was written", null,
        "Run `aegis audit verify`, and restore the file from a copy."));
}
