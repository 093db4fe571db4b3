namespace Aegis.Core.Runs;

/// <summary>What commands of a call asked the egress proxy for, alike requests merged into one.</summary>
/// <param name="Host">Empty where a request could not be read; <c>*</c> for all that found no place of
/// their own.</param>
/// <param name="Method">CONNECT for a tunnel.</param>
/// <param name="Rule">The entry of egress_allow that covered it.</param>
/// <param name="Denied">The code of the refusal; null where it was let through.</param>
/// <param name="BytesOut">From the command to the host, heads included.</param>
public sealed record EgressFact(string Host, int Port, string Method, string? Rule, string? Denied,
    long Count, long BytesOut, long BytesIn);
