using System.Collections.Immutable;

namespace Aegis.Core.Plans;

/// <summary>What requests for approval are about, and in whose queue they wait: a step names a topic, the
/// profile says of topics who answers, as it says of aliases which model does.</summary>
public static class ApprovalTopics
{
    /// <summary>Of a step that names none, and of every topic that the profile does not.</summary>
    public const string Default = "default";

    /// <summary>A rule of the gate asks.</summary>
    public const string Gate = "gate";

    /// <summary>Topics that a profile may name.</summary>
    public const int TopicsMax = 32;

    /// <summary>Null where whoever started the run is asked.</summary>
    public static string? QueueOf(ImmutableArray<TopicQueue>? queues, string? topic)
    {
        var found = queues ?? [];
        return (found.FirstOrDefault(q => q.Topic == topic)
            ?? found.FirstOrDefault(q => q.Topic == Default))?.Queue;
    }
}

/// <summary>Requests about this topic wait in this queue.</summary>
public sealed record TopicQueue(string Topic, string Queue);
