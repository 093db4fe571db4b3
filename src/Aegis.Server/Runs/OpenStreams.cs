using Aegis.Core.Errors;
using Aegis.Ledger.Tenants;
using Aegis.Server.Problems;

namespace Aegis.Server.Runs;

/// <summary>Counts what is open; one project cannot take all that the server has.</summary>
/// <param name="full">What a caller is told where no place is left; AEGIS6034 where left out.</param>
public sealed class OpenStreams(int max, int perProjectMax, Func<int, AegisError>? full = null)
{
    private readonly Lock gate = new();
    private readonly Dictionary<TenancyKeys, int> perProject = [];
    private int open;

    public int Count
    {
        get
        {
            lock (gate)
            {
                return open;
            }
        }
    }

    /// <summary>Takes a place, until disposed; throws where none is left.</summary>
    public IDisposable Take(TenancyKeys keys)
    {
        lock (gate)
        {
            var mine = perProject.GetValueOrDefault(keys);
            if (open >= max || mine >= perProjectMax)
            {
                throw new AegisException(
                    (full ?? DoorErrors.TooManyStreams)(mine >= perProjectMax ? perProjectMax : max));
            }
            open++;
            perProject[keys] = mine + 1;
        }
        return new Place(this, keys);
    }

    private void Leave(TenancyKeys keys)
    {
        lock (gate)
        {
            open--;
            if (--perProject[keys] == 0)
            {
                perProject.Remove(keys);
            }
        }
    }

    private sealed class Place(OpenStreams streams, TenancyKeys keys) : IDisposable
    {
        private OpenStreams? streams = streams;

        public void Dispose() => Interlocked.Exchange(ref streams, null)?.Leave(keys);
    }
}
