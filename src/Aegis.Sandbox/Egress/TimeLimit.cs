namespace Aegis.Sandbox.Egress;

internal static class TimeLimit
{
    /// <summary>Throws the refusal for what took too long.</summary>
    public static async Task<T> RunAsync<T>(ProxyParts parts, TimeSpan limit, string what,
        Func<CancellationToken, ValueTask<T>> act, CancellationToken stop, int status = 504)
    {
        using var timer = new CancellationTokenSource(limit, parts.Options.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, stop);
        try
        {
            return await act(both.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw EgressErrors.TooSlow(what, limit, status);
        }
    }
}
