using System.Collections.Immutable;
using System.Text;
using Aegis.Core.Errors;
using Aegis.Gate.Policies;
using Aegis.Models;

namespace Aegis.Gate;

/// <summary>Holds a model's call to the month's tokens: the most that it can use is reserved before, and what
/// it did not use is given back after it.</summary>
public static class TokenQuota
{
    /// <summary>The longest answer where neither the call nor its budget says.</summary>
    public const int ReplyTokensMax = 4_096;

    /// <summary>The most that a call can use: no token is shorter than a byte.</summary>
    public static long Most(ModelRequest request) =>
        request.Messages.Sum(m => (long)Encoding.UTF8.GetByteCount(m.Text))
            + (request.MaxTokens ?? ReplyTokensMax);

    internal static async ValueTask<ModelReply> ChatAsync(ExecutionParts parts, CallContext context,
        ModelRequest request, Func<ModelRequest, ValueTask<ModelReply>> ask, CancellationToken cancel)
    {
        if (parts is not { Quotas: { } quotas, Policies: { } policies })
        {
            return await ask(request);
        }
        var by = context.Principal;
        var claims = QuotaClaim.Tokens(await policies.OfAsync(by, cancel), by);
        return claims.IsEmpty ? await ask(request)
            : await ChatAsync(quotas, by, claims, request, ask, cancel);
    }

    /// <exception cref="AegisException">AEGIS2508 where less is left than the call can use.</exception>
    public static async ValueTask<ModelReply> ChatAsync(Quotas quotas, Principal by,
        ImmutableArray<QuotaClaim> claims, ModelRequest request,
        Func<ModelRequest, ValueTask<ModelReply>> ask, CancellationToken cancel)
    {
        request = request with { MaxTokens = request.MaxTokens ?? ReplyTokensMax };
        var most = Most(request);
        if (await quotas.ReserveAsync(by, claims, most, cancel) is { } spent)
        {
            throw new AegisException(spent);
        }
        // where it fails nobody knows what the provider counted: all of it stays used
        var reply = await ask(request);
        await quotas.SettleAsync(by, claims, most - reply.InputTokens - reply.OutputTokens);
        return reply;
    }
}
