using Aegis.Client;

namespace Aegis.Cli.Git;

/// <summary>The repository that a call works on: the server's by its name, or one on this machine, whose
/// commits are brought to the server before.</summary>
/// <param name="Sha">Of one on this machine: the commit that was brought.</param>
internal sealed record SourceRepository(string? Name, string? Branch, string? Sha = null)
{
    /// <summary>What the run's context says of it, as a trigger would.</summary>
    public KeyValuePair<string, string>[] Preset =>
        Sha is { } sha ? [new("branch", Branch!), new("sha", sha)] : [];

    public static async Task<SourceRepository> OfAsync(CommandDesk desk, AegisClient client, string? given,
        string? branch, CancellationToken cancel)
    {
        if (given is null || !LocalRepository.IsPath(given))
        {
            return new SourceRepository(given, branch);
        }
        var local = await LocalRepository.OpenAsync(given, branch, cancel);
        if (await local.HasUncommittedAsync(cancel))
        {
            desk.Terminal.Error.WriteLine("aegis: uncommitted changes are not part of the run");
        }
        await RepositoryPush.PushAsync(
            client, desk.Connect().Key, local, local.Name, everything: false, cancel);
        return new SourceRepository(local.Name, local.Branch, local.Sha);
    }
}
