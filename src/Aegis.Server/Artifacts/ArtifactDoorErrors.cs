using Aegis.Core.Errors;

namespace Aegis.Server.Artifacts;

internal static class ArtifactDoorErrors
{
    public static AegisError LinkLife(string got) => new("AEGIS6100", "expires_in is out of bounds",
        "1 s to 7 d: milliseconds, or text such as 15m", got, "ask for a shorter life");

    public static AegisError Content(string got) => new("AEGIS6101",
        "the artifact's content is missing, doubled or malformed",
        "exactly one of content (text) and content_base64", got, "send one of them");

    public static AegisError Rejected(int errors) => new("AEGIS6103",
        $"the front matter has {errors} error(s)", Mend: "correct the places listed in errors");

    /// <summary>The same whatever is wrong: who guesses learns nothing.</summary>
    public static AegisError NoDownload { get; } = new("AEGIS6102", "there is no such download",
        Mend: "links expire: ask for a new one");
}
