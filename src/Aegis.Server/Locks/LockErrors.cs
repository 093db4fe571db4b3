using Aegis.Core.Errors;
using Aegis.Ledger.Locks;

namespace Aegis.Server.Locks;

/// <summary>What the doors of locks refuse; contracts/errors/secrets.yaml explains each.</summary>
internal static class LockErrors
{
    public static AegisError Denied(LockDeniedAnswer denied) => new("AEGIS4230",
        denied.HeldBy is [var first, ..]
            ? $"{first.Resource} is held by {first.Holder ?? $"run {first.RunId}"} since {first.Since:u}"
            : "the lock was denied: others are before it",
        "a lock that is free in time", denied.Reason, "wait for longer with wait_seconds, or ask again");

    public static AegisError NotHeld(string id) => new("AEGIS4231", $"the lock {id} is not held any more",
        "a lock whose time is not over", null, "stop what it guards, and ask for it anew");

    public static AegisError TooMany { get; } = new("AEGIS4232",
        "the project has too many locks of holders that are no runs", $"at most {LockTable.OutsideMax}", null,
        "give some back");
}
