using System.Collections.Concurrent;
using System.Diagnostics;

namespace Aegis.Attack.Tests.Doors;

/// <summary>Counts what each request asks of PostgreSQL: the driver tells every statement as an activity
/// below the request's own, whose trace the request itself has chosen.</summary>
internal sealed class StatementCounter : IDisposable
{
    private readonly ConcurrentDictionary<string, int> statements = new();
    private readonly ActivityListener listener;

    public StatementCounter()
    {
        listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Npgsql" or "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.Source.Name == "Npgsql")
                {
                    statements.AddOrUpdate(activity.TraceId.ToHexString(), 1, (_, n) => n + 1);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
    }

    /// <summary>A header that gives a request a trace of its own.</summary>
    public static (string Trace, (string, string) Header) NewTrace()
    {
        var trace = ActivityTraceId.CreateRandom().ToHexString();
        return (trace, ("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom().ToHexString()}-01"));
    }

    public int Of(string trace) => statements.GetValueOrDefault(trace);

    public void Dispose() => listener.Dispose();
}
