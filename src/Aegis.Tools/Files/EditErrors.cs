using Aegis.Core.Errors;

namespace Aegis.Tools.Files;

/// <summary>The refusals of edits and of their undoing.</summary>
internal static class EditErrors
{
    public static AegisError Elsewhere(string path) => new("AEGIS2690",
        $"{path} leads out of the workspace", "a file at or below /work", "a link that points elsewhere",
        "name the file itself; what lies outside of /work is not changed");

    public static AegisError Link(string path) => new("AEGIS2691",
        $"{path} is a symbolic link, which a patch neither deletes nor renames", "a regular file", null,
        "remove the link in a shell.exec step, or name the file that it points at");

    public static AegisError NoBackup(string name) => new("AEGIS2692",
        $"there is no backup {name} in this workspace", "a backup of outputs.backup of file.patch", null,
        $"the newest {PatchBackup.KeptMax} are kept, as long as the workspace is");

    public static AegisError Meddled(string name) => new("AEGIS2693",
        $"the backup {name} is not what it was", "bytes whose hash is its name", "other bytes",
        "something in the workspace changed it; undo the change by a patch of your own");

    public static AegisError MovedOn(string path) => new("AEGIS2694",
        $"{path} has changed since the patch was applied", "the file as the patch left it", "other contents",
        "undo the later changes first, the newest before the older ones");
}
