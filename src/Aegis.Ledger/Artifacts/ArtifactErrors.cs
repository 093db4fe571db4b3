using Aegis.Core.Artifacts;
using Aegis.Core.Errors;

namespace Aegis.Ledger.Artifacts;

/// <summary>What can be wrong when an artifact is written or read.</summary>
public static class ArtifactErrors
{
    internal static AegisException NotExpected(string id, int expected, int there) => Of("AEGIS4060",
        $"artifact {id} is not at the version that the request expects", $"version {expected}",
        $"version {there}", "read the newest version, join the changes, and put it again");

    internal static AegisException TooManyWriters(string id) => Of("AEGIS4061",
        $"artifact {id} is written by too many at once",
        $"a free moment within {ArtifactWriter.TriesMax} tries",
        null, "try again");

    internal static AegisException Fenced() => Of("AEGIS4062", "this server can append nothing any more",
        null, null, "try again at the server that took over");

    internal static AegisException KeyTampered(string keyId) => Of("AEGIS4063",
        $"the sealed artifact key {keyId} does not open", "what this server sealed for this project", null,
        "somebody changed or moved its row: restore it from a backup");

    /// <summary>A kind is for ever: a document is hashed with its body, another file by its
    /// content.</summary>
    internal static AegisException OtherKind(string id, bool isDocument) => Of("AEGIS4064",
        $"artifact {id} cannot change its kind", isDocument ? "a document (.md)" : "no document",
        isDocument ? "another file" : "a document (.md)", "choose another id for it");

    internal static AegisException HeaderTooLong(string id, int bytes) => Of("AEGIS1166",
        $"the front matter of {id} is too long",
        $"at most {ArtifactLimits.HeaderBytesMax} bytes, links and own "
        + "members written out", $"{bytes}", "use fewer links and shorter members");

    public static AegisException ContentGone(string id, int version) => Of("AEGIS4065",
        $"the content of {id} version {version} is not there any more", null, null,
        "it was erased or lost; its record and hash stand in the ledger");

    private static AegisException Of(
        string code, string message, string? expected, string? got, string mend) =>
        new(new AegisError(code, message, expected, got, mend));
}
