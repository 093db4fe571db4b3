using Aegis.Client;

namespace Aegis.Cli.Git;

/// <summary>Brings a local repository to the server; the first time with every branch, so that pull requests
/// have a base.</summary>
internal static class RepositoryPush
{
    public static async Task<Repository> PushAsync(AegisClient client, string key, LocalRepository local,
        string name, bool everything, CancellationToken cancel)
    {
        var known = (await client.ListRepositoriesAsync(cancel)).Items.FirstOrDefault(r => r.Name == name);
        var target = known ?? await client.CreateRepositoryAsync(name, cancel);
        if (known is null || everything)
        {
            await local.PushAllAsync(target, key, cancel);
        }
        await local.PushBranchAsync(target, key, cancel);
        return target;
    }
}
