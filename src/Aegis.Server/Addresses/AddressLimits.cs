using System.Net;
using System.Net.Sockets;
using Aegis.Core.Errors;

namespace Aegis.Server.Addresses;

/// <summary>Counts requests of each address over the last minute. A request that is refused counts for
/// nothing: who waits as long as he was told gets in. Addresses of IPv6 count by their network: a subscriber
/// has all of it.</summary>
public sealed class AddressLimits(int perMinute, TimeProvider time)
{
    /// <summary>What a minute can be set to at most.</summary>
    public const int PerMinuteMax = 100_000;

    /// <summary>Addresses that are remembered; then those without a request in the last minute are forgotten,
    /// and if there are none, all who come new wait.</summary>
    public const int AddressesMax = 50_000;

    private const int NetworkBytes = 8;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private readonly Dictionary<IPAddress, Queue<long>> seen = [];
    private readonly Lock gate = new();

    /// <summary>Zero where the request may come in; else how long to wait.</summary>
    public TimeSpan Enter(IPAddress address)
    {
        var now = time.GetTimestamp();
        var key = Key(address);
        lock (gate)
        {
            if (!seen.TryGetValue(key, out var times))
            {
                if (seen.Count >= AddressesMax && !MakeRoom(now))
                {
                    return Window;
                }
                seen[key] = times = new Queue<long>();
            }
            Forget(times, now);
            if (times.Count >= perMinute)
            {
                return Window - time.GetElapsedTime(times.Peek(), now);
            }
            times.Enqueue(now);
            return TimeSpan.Zero;
        }
    }

    private bool MakeRoom(long now)
    {
        foreach (var (key, times) in seen)
        {
            Forget(times, now);
            if (times.Count == 0)
            {
                seen.Remove(key);
            }
        }
        return seen.Count < AddressesMax;
    }

    private void Forget(Queue<long> times, long now)
    {
        while (times.TryPeek(out var first) && time.GetElapsedTime(first, now) >= Window)
        {
            times.Dequeue();
        }
    }

    private static IPAddress Key(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(NetworkBytes).Clear();
        return new IPAddress(bytes);
    }
}

/// <summary>The door takes so many requests of an address, before anybody asks who it is.</summary>
public sealed record LimitedByAddress;

/// <summary>Where a request comes from. Anybody can write X-Forwarded-For: only what a trusted proxy added
/// counts, from the right, as far as the proxies are trusted.</summary>
public static class RequestAddress
{
    private const string Header = "X-Forwarded-For";

    public static IPAddress Of(HttpContext http, IReadOnlyList<IPNetwork> trusted)
    {
        var address = Plain(http.Connection.RemoteIpAddress ?? IPAddress.None);
        var hops = http.Request.Headers[Header].SelectMany(h => (h ?? "").Split(',')).ToList();
        for (var i = hops.Count - 1; i >= 0 && trusted.Any(t => t.Contains(address)); i--)
        {
            if (!IPAddress.TryParse(hops[i].Trim().Trim('[', ']'), out var before))
            {
                return address;
            }
            address = Plain(before);
        }
        return address;
    }

    private static IPAddress Plain(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}

/// <summary>Refuses who sends too often, before identity.</summary>
public sealed class AddressLimitMiddleware(
    RequestDelegate next, AddressLimits limits, IReadOnlyList<IPNetwork> trusted)
{
    public Task InvokeAsync(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<LimitedByAddress>() is not null
            && limits.Enter(RequestAddress.Of(http, trusted)) is var wait && wait > TimeSpan.Zero)
        {
            var seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
            http.Response.Headers.RetryAfter = $"{seconds}";
            return Problems.ProblemWriter.WriteAsync(http, new AegisError("AEGIS2710",
                "too many messages from this address", Got: "more than the minute allows",
                Mend: $"wait {seconds} s; an operator sets the rate by AEGIS_CHAT_PER_MINUTE"));
        }
        return next(http);
    }
}
