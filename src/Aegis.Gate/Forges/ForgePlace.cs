namespace Aegis.Gate;

/// <summary>Where a run's pull requests are.</summary>
/// <param name="Owner">Who the repository belongs to; at the local forge the project.</param>
/// <param name="Remote">Where git pushes to; null for the local forge, whose repository is on this
/// host.</param>
public sealed record ForgePlace(string Owner, string Name, Uri? Remote)
{
    public string Root => $"/repos/{Uri.EscapeDataString(Owner)}/{Uri.EscapeDataString(Name)}";

    /// <summary>Whether a REST path stays in this repository. GitHub itself leads to it by number where it
    /// was renamed, and from page to page.</summary>
    internal bool Holds(string path) => path.StartsWith(Root + "/", StringComparison.Ordinal)
        || path == Root || path.StartsWith("/repositories/", StringComparison.Ordinal);
}
