using Aegis.Core.Errors;

namespace Aegis.Engine.Pump;

internal static class PumpErrors
{
    public static AegisError NoLocks { get; } = new("AEGIS4233",
        "the table of locks does not answer", Mend: "try again; see /readyz");

    public static AegisError NotHere { get; } = new("AEGIS5010", "the run is not on this node any more",
        Mend: "ask again; the node that took the run over answers");
}
