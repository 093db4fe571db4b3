using Aegis.Core.Errors;

namespace Aegis.Server.Forge;

/// <summary>Refusals of the local forge; contracts/errors/tools.yaml explains each.</summary>
internal static class ForgeErrors
{
    public static AegisError BadName(string name) => new("AEGIS2201", "a repository cannot have this name",
        "1 to 64 characters of [A-Za-z0-9._-], the first a letter or digit, not ending in .git or .lock",
        name.Length <= 80 ? name : name[..80] + "…", "choose another name");

    public static AegisError Taken(string name) => new("AEGIS2202", $"the repository {name} exists already",
        Mend: "choose another name, or push to it");

    public static AegisError Unknown(string name) => new("AEGIS2200", "no such repository in this project",
        Got: name.Length <= 80 ? name : name[..80] + "…", Mend: "list them: aegis repo list");

    public static AegisError NoCommit(string name, string reference) => new("AEGIS2203",
        $"the repository {name} has no such branch or commit",
            "a branch with a commit, or a commit on a branch",
        reference.Length <= 80 ? reference : reference[..80] + "…", "push it first");

    public static AegisError NotHeld(string name, string sha) => new("AEGIS2203",
        $"the repository {name} has no such commit", "a commit on a branch or a tag of it", sha,
        $"push the commit to {name} first: nothing is fetched from other forges");

    public static AegisError ImportRefused(string why) =>
        new("AEGIS2204", "the repository cannot be imported",
        "a git repository or bundle whose objects git fsck takes", why, "check it with git fsck --strict");
}
