using Aegis.Core.Errors;

namespace Aegis.Server.Conditions;

/// <summary>Refusals of requests for the sake of their If-Match and If-None-Match.</summary>
internal static class ConditionErrors
{
    private const int GotCharsMax = 80;

    public static AegisError Malformed(string header, string got) =>
        new("AEGIS6076", $"the header {header} is malformed",
            $"* alone, or 1 to {DoorLimits.EntityTagsMax} entity tags in double quotes, with commas between",
            got.Length <= GotCharsMax ? got : got[..GotCharsMax] + "…",
            "send an ETag as it came, its quotes included");

    // the tag that is stored is not shown: who may write need not be allowed to read
    public static AegisError Changed(bool isThere) =>
        new("AEGIS6077", "the resource is not what If-Match says", "a tag of If-Match",
            isThere ? "another tag" : "nothing is there",
            "read it again, do your change anew on what is there, and send its new ETag");

    public static AegisError IsThere { get; } =
        new("AEGIS6078", "the resource is there, and If-None-Match says that it must not be",
            "nothing, or none of the tags of If-None-Match", "it is there",
            "read it, or leave the header out to replace it");
}
