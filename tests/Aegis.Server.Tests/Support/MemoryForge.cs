using System.Collections.Concurrent;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Server.Rooms;

namespace Aegis.Server.Tests.Support;

/// <summary>Names of repositories, without git: the forge has tests of its own.</summary>
public sealed class MemoryForge : RepositoryRoom
{
    private readonly ConcurrentDictionary<(Tenancy, string), RepositoryEntry> all = new();

    public override ValueTask<IReadOnlyList<RepositoryEntry>> ListAsync(Tenancy tenancy, CancellationToken cancel) =>
        ValueTask.FromResult<IReadOnlyList<RepositoryEntry>>(
            [.. all.Where(p => p.Key.Item1 == tenancy).Select(p => p.Value)]);

    public override ValueTask<RepositoryEntry> CreateAsync(Tenancy tenancy, string name, CancellationToken cancel)
    {
        var made = new RepositoryEntry(name, null, $"/git/{tenancy.Tenant}/{tenancy.Project}/{name}.git");
        return all.TryAdd((tenancy, name), made)
            ? ValueTask.FromResult(made)
            : throw new AegisException(new AegisError("AEGIS6021", "the repository exists already"));
    }

    public override void Map(IEndpointRouteBuilder routes)
    {
    }
}
