using Aegis.Core.Errors;

namespace Aegis.Tools.Artifacts;

/// <summary>The refusals of artifact.put and artifact.get.</summary>
internal static class ArtifactToolErrors
{
    public static AegisError NoShelf { get; } = new("AEGIS2410", "this node keeps no artifacts",
        Mend: "run the workflow on a server");

    public static AegisError NoFile(string pattern) => new("AEGIS2411",
        $"no file of the workspace is {pattern}", "a file, or a pattern that some file fits", "none",
        "list the folder with file.list; paths are relative to /work");

    public static AegisError OneId(string id, int files) => new("AEGIS2412",
        "one id cannot stand for several files", "one file", $"{files} files for {id}",
        "leave id out, so that each path is an artifact of its own");

    public static AegisError TooMany(string pattern) => new("AEGIS2413",
        $"{pattern} fits too many files", $"at most {ArtifactPutTool.FilesMax}", null,
        "name a narrower pattern, or pack the files into one");

    public static AegisError Elsewhere(string pattern) => new("AEGIS2414",
        $"{pattern} leads out of the workspace", "files at or below /work", "a link that points elsewhere",
        "copy the file into the workspace");

    public static AegisError NoArtifact(string id, int? version) => new("AEGIS2415",
        $"there is no artifact {id}{(version is { } n ? $" version {n}" : "")} in this project", null, null,
        "`aegis artifacts` lists them");
}
