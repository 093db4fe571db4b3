namespace Aegis.Ledger.EventStore;

/// <summary>A second thread that tells half of a flush's appenders, while the commit thread tells the other
/// half: in that moment PostgreSQL has nothing to do, and each append's continuation decides and hashes what
/// comes next.</summary>
internal sealed class SecondTeller : IDisposable
{
    private readonly SemaphoreSlim given = new(0);
    private readonly SemaphoreSlim told = new(0);
    private readonly Thread thread;
    private List<Append>? half;

    public SecondTeller(string name)
    {
        thread = new Thread(Loop) { IsBackground = true, Name = name };
        thread.Start();
    }

    public int ThreadId => thread.ManagedThreadId;

    public void Give(List<Append> appends)
    {
        half = appends;
        given.Release();
    }

    /// <summary>Returns once all that was given is told.</summary>
    public void Wait() => told.Wait();

    public void Dispose()
    {
        given.Release();
        thread.Join();
        given.Dispose();
        told.Dispose();
    }

    private void Loop()
    {
        while (true)
        {
            given.Wait();
            if (half is not { } appends)
            {
                return;
            }
            half = null;
            foreach (var append in appends)
            {
                append.Done(AppendOutcome.Committed);
            }
            told.Release();
        }
    }
}
