using System.Text.Json;
using Aegis.Gate.Models;
using Aegis.Gate.Peers;

namespace Aegis.Gate;

/// <summary>A call as it comes to the gate, expressions already rendered.</summary>
public sealed record GateCall(string Tool, JsonElement Input, CallContext Context)
{
    /// <summary>Who waits for it and can be talked to; null in a run.</summary>
    public CallPeer? Peer { get; init; }

    /// <summary>Who waits for a model's answer in the words of its protocol; null for everybody
    /// else.</summary>
    public ModelClient? Client { get; init; }

    /// <summary>The call that it is made in, whose log and masks it shares; null for most.</summary>
    internal GateExecution? Within { get; init; }
}
