using System.IO.Pipelines;
using Aegis.Models.Calls;

namespace Aegis.Gate.Models;

/// <summary>A client that speaks a protocol of models and waits for the answer in it: its call as it came,
/// and where the answer goes.</summary>
/// <param name="call">What the gate judges is this call.</param>
/// <param name="begin">Where a stream is written to; null for an answer in one piece.</param>
public sealed class ModelClient(ModelCall call, Func<PipeWriter>? begin)
{
    public ModelCall Call => call;

    public Func<PipeWriter>? Begin => begin;

    /// <summary>How the call ended; null where the gate let nothing through.</summary>
    public ModelCallEnd? End { get; internal set; }
}
