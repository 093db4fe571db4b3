using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.RepoMaps;
using Aegis.Gate;

namespace Aegis.Tools.RepoMaps;

/// <summary>What a folder's sources say, read or known already.</summary>
/// <param name="Cached">The same tree was read before.</param>
/// <param name="ByCtags">False where the built-in reading served.</param>
internal sealed record ReadIndex(RepoIndex Index, SourceListing Listing, bool Cached, bool ByCtags);

/// <summary>Reads the index of a folder, and keeps the newest few by the hash of their tree. The hash comes
/// out of the sandbox, so an entry is never seen by another project.</summary>
internal sealed class RepoIndexes
{
    public const int KeptMax = 8;

    private readonly Lock gate = new();
    private readonly LinkedList<(Key Key, ReadIndex Index)> kept = new();

    public async ValueTask<(ReadIndex? Index, AegisError? Error)> OfAsync(
        string folder, Execution execution, CancellationToken cancel)
    {
        var (listing, error) = await SourceReading.ListAsync(folder, execution, cancel);
        if (listing is null)
        {
            return (null, error);
        }
        var key = listing.TreeHash is { } hash
            ? new Key(execution.Context.Principal.Tenancy, folder, hash) : null;
        if (key is not null && Find(key) is { } known)
        {
            return (known with { Cached = true }, null);
        }
        (var files, error) = await SourceReading.ReadAsync(folder, listing, execution, cancel);
        if (error is not null)
        {
            return (null, error);
        }
        var symbols = await Ctags.ReadAsync(folder, files, execution, cancel);
        // a file that ctags finds nothing in has none: the built-in reading is for where ctags is not
        var index = RepoIndex.Of(files, symbols is null ? null : files.ToDictionary(f => f.Path,
            f => symbols.GetValueOrDefault(f.Path, [])));
        var read = new ReadIndex(index, listing, false, symbols is not null);
        if (key is not null)
        {
            Keep(key, read);
        }
        return (read, null);
    }

    private ReadIndex? Find(Key key)
    {
        lock (gate)
        {
            return kept.FirstOrDefault(k => k.Key == key).Index;
        }
    }

    private void Keep(Key key, ReadIndex index)
    {
        lock (gate)
        {
            kept.AddFirst((key, index));
            if (kept.Count > KeptMax)
            {
                kept.RemoveLast();
            }
        }
    }

    private sealed record Key(Tenancy Tenancy, string Folder, string TreeHash);
}
