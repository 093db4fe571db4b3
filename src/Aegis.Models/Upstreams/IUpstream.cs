using Aegis.Core.Budgets;

namespace Aegis.Models.Upstreams;

/// <summary>Where calls to models go: providers over the network, or a rehearsal in their place. Whatever
/// goes wrong is an answer with a failure.</summary>
public interface IUpstream
{
    /// <summary>Where the words come from: <c>live</c>, <c>recorded</c> or <c>scripted</c>.</summary>
    string Origin { get; }

    /// <summary>What the next answer costs, where it is stated; null where the model's price
    /// counts.</summary>
    CallCost? Priced => null;

    /// <summary>Sends a call once.</summary>
    /// <param name="body">Empty for a GET.</param>
    /// <param name="contentType">With its parameters, such as a form's boundary.</param>
    /// <exception cref="OperationCanceledException">The caller went away.</exception>
    ValueTask<UpstreamAnswer> SendAsync(UpstreamTarget target, UpstreamPath path, ReadOnlyMemory<byte> body,
        CancellationToken cancel, string contentType = "application/json");
}
