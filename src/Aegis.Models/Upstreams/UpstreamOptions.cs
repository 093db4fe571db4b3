using System.Collections.Immutable;

namespace Aegis.Models.Upstreams;

/// <summary>Limits of the connections to providers.</summary>
public sealed record UpstreamOptions
{
    /// <summary>How long a connection may take to be made, 15 seconds.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long an answer may take to begin, 5 minutes: one that is not streamed begins when it is
    /// whole.</summary>
    public TimeSpan HeaderTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long nothing may come within an answer, 2 minutes.</summary>
    public TimeSpan QuietTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The longest answer, 64 MiB, streamed or not.</summary>
    public long AnswerBytesMax { get; init; } = 64 << 20;

    /// <summary>Servers that count as local though they are on other machines, <c>host:port</c>; this machine
    /// always does.</summary>
    public ImmutableArray<string> LocalHosts { get; init; } = [];

    /// <summary>Connections to one provider, 512.</summary>
    public int ConnectionsMax { get; init; } = 512;

    /// <summary>How long a connection is used before its address is looked up again, 5 minutes.</summary>
    public TimeSpan ConnectionLifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The longest wait that a provider's <c>Retry-After</c> may ask for, an hour.</summary>
    public TimeSpan RetryAfterMost { get; init; } = TimeSpan.FromHours(1);
}
