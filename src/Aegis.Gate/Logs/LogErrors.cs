using Aegis.Core.Errors;

namespace Aegis.Gate.Logs;

internal static class LogErrors
{
    public static AegisError Unknown(LogKey key) =>
        new("AEGIS2301", $"run {key.Run} has no log of step {key.StepId}, attempt {key.Attempt}",
            Mend: "name a step that has started; a step that was skipped has no log");

    public static AegisError Gone(string hash) =>
        new("AEGIS2302", $"the log {hash} is no longer stored",
            Mend: "it was removed by retention or by hand; its hash in the ledger still stands");

    public static AegisError Offset(long offset, long bytes) =>
        new("AEGIS2303", "the offset lies behind the end of the log", Expected: $"0 to {bytes}",
            Got: $"{offset}", Mend: "resume at the offset of the last byte that was received");
}
