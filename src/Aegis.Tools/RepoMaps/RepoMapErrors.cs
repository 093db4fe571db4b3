using Aegis.Core.Errors;

namespace Aegis.Tools.RepoMaps;

/// <summary>Why a repository cannot be mapped.</summary>
internal static class RepoMapErrors
{
    public static AegisError Unreadable(string folder, string why) => new("AEGIS2695",
        $"{folder} cannot be mapped: {why}", "a folder of the workspace that holds sources", null,
        "name the folder of the repository; docs/repo-map.md says what is read");
}
