using Aegis.Core.Errors;

namespace Aegis.Sandbox.Kinds;

/// <summary>Errors of kinds; meanings are in contracts/errors/sandbox-kinds.yaml.</summary>
internal static class KindErrors
{
    public static AegisException Missing(SandboxKind kind, string expected, string got, string mend) =>
        new(new AegisError("AEGIS3200", $"the sandbox kind '{kind.Name()}' can't be had on this node",
            expected, SandboxErrors.Scrub(got), mend));

    public static AegisException Cannot(SandboxKind kind, string what, string expected, string got) =>
        new(new AegisError("AEGIS3201", $"the sandbox kind '{kind.Name()}' can't give this command {what}",
            expected, got, "Change the step, or name another kind in the profile"));

    public static AegisException ImageMissing(string image, string got) => new(new AegisError("AEGIS3202",
        $"the sandbox image '{image}' is not on this node", "an image that was added", got,
        "Add it: ./aegis sandbox image add NAME FOLDER, with an OCI layout"));

    public static AegisException ImageRefused(string what, string expected, string got) => new(new AegisError(
        "AEGIS3203", $"the OCI layout is refused: {what}", expected, got,
        "Make the layout again, or take it from another place"));

    public static AegisException VmEnded(string got) => new(new AegisError("AEGIS3204",
        "the virtual machine ended before the command did",
            "a machine that starts and tells the command's end",
        SandboxErrors.Scrub(got), "Look at ./aegis sandbox doctor; a larger memory limit may help"));

    public static AegisException NotPrepared(string what, string expected, string got, string mend) =>
        new(new AegisError("AEGIS3205", $"the microvm's {what} can't be made", expected,
            SandboxErrors.Scrub(got), mend));

    public static AegisException NoUidLeft(int tried) => new(new AegisError("AEGIS3206",
        "no host uid is free for a sandbox", "a free uid of the server's subuid range",
        $"{tried} tried, each has a live sandbox or a run with files",
        "Wait for runs to end and be cleared away, or give the server's user a larger range in "
        + "/etc/subuid and /etc/subgid"));

    public static AegisException UidHeld(string runId, int index) => new(new AegisError("AEGIS3207",
        $"the host uid of run '{runId}' is that of a run of another server of the same user",
        "a number that no other server's run has", $"number {index} of the subuid range",
        "Start the workflow again: a new run gets a number of its own"));

    public static AegisException NoUidFolder(string folder, string got) => new(new AegisError("AEGIS3216",
        "host uids of sandboxes can't be noted", $"a folder of the server's user: {folder}",
        SandboxErrors.Scrub(got), "Make it, or the home that it is in, writable for the server's user"));
}
