using Aegis.Core;

namespace Aegis.Server.Rooms;

/// <summary>The local forge as the other doors see it.</summary>
public abstract class RepositoryRoom
{
    public abstract ValueTask<IReadOnlyList<RepositoryEntry>> ListAsync(
        Tenancy tenancy, CancellationToken cancel);

    /// <summary>Makes an empty repository; AegisException where the name is malformed or taken.</summary>
    public abstract ValueTask<RepositoryEntry> CreateAsync(
        Tenancy tenancy, string name, CancellationToken cancel);

    /// <summary>Makes a repository whose default branch has a first commit without files.</summary>
    public abstract ValueTask<RepositoryEntry> BeginAsync(
        Tenancy tenancy, string name, string message, CancellationToken cancel);

    /// <summary>Maps the forge's own doors (smart HTTP, pulls). Each must be behind the scope it
    /// needs.</summary>
    public abstract void Map(IEndpointRouteBuilder routes);
}

/// <param name="DefaultBranch">Null while the repository is empty.</param>
/// <param name="ClonePath">Path of its clone URL on this server, such as
/// <c>/git/TENANT/PROJECT/NAME.git</c>.</param>
public sealed record RepositoryEntry(string Name, string? DefaultBranch, string ClonePath);
