using System.Collections.Concurrent;
using Aegis.Core;
using Aegis.Core.Caching;
using Aegis.Core.Errors;
using Aegis.Core.Policy;
using Aegis.Ledger.Secrets;
using Aegis.Models;

namespace Aegis.Gate.Models;

/// <summary>
/// Whose key a model call takes. The secret of the name that the profile or the catalogue states is looked up
/// as the caller's own (<c>user.KEY.NAME</c> of the project), as the project's, and as the tenant's (of the
/// project <see cref="TenantProject"/>); the host's own key comes last and is not kept here. What was found,
/// and that nothing was, is remembered for a short while: a model call must not wait for the vault each time.
/// A use is recorded when a key is taken out of the vault, not for each call.
/// </summary>
public sealed class Keyring(
    Func<SecretAsk, CancellationToken, ValueTask<string?>>? vault, TimeProvider time)
{
    /// <summary>The project whose secrets serve all of its tenant.</summary>
    public const string TenantProject = "tenant";

    /// <summary>Keys kept in memory.</summary>
    public const int KeptMax = 1_024;

    private const string KeyActor = "key:";
    private const string Own = "user.";

    private readonly ConcurrentDictionary<Slot, Kept> kept = new();

    /// <summary>How long a key is used after it was changed or deleted.</summary>
    public static TimeSpan KeptFor { get; } = TimeSpan.FromSeconds(30);

    /// <summary>The secret in which a holder of a key keeps a key of their own; null for callers that have
    /// none, such as schedules.</summary>
    public static string? OwnName(string actor, string name) =>
        actor.StartsWith(KeyActor, StringComparison.Ordinal)
        && $"{Own}{actor[KeyActor.Length..]}.{name}" is var own && IdRule.IsValid(own) ? own : null;

    /// <summary>Whether a secret is another caller's own: no step of this one is given it.</summary>
    public static bool IsOfAnother(string actor, string secret) =>
        secret.StartsWith(Own, StringComparison.Ordinal)
        && !(OwnName(actor, "x") is { } mine && secret.StartsWith(mine[..^1], StringComparison.Ordinal));

    /// <summary>The keys of a call; null on a node without a vault.</summary>
    internal ModelKeys? Of(CallContext call) => vault is null ? null
        : (name, address, cancel) => FindAsync(call, name, address, cancel);

    private async ValueTask<string?> FindAsync(
        CallContext call, string name, Uri address, CancellationToken cancel)
    {
        var by = call.Principal;
        var slot = new Slot(by.Tenancy, by.Actor, name, address.Authority);
        var now = time.GetTimestamp();
        if (kept.TryGetValue(slot, out var known) && time.GetElapsedTime(known.At, now) < KeptFor)
        {
            return known.Value;
        }
        var found = OwnName(by.Actor, name) is { } own
            ? await UseAsync(call, by.Tenancy, own, address, cancel) : null;
        found ??= await UseAsync(call, by.Tenancy, name, address, cancel);
        if (by.Tenancy.Project != TenantProject)
        {
            found ??= await UseAsync(
                call, by.Tenancy with { Project = TenantProject }, name, address, cancel);
        }
        return kept.Keep(slot, new Kept(found, now), KeptMax).Value;
    }

    private ValueTask<string?> UseAsync(
        CallContext call, Tenancy tenancy, string name, Uri address, CancellationToken cancel) =>
        vault!(new SecretAsk(tenancy, name, new SecretUse(call.Principal.Actor, "llm.chat", address.IdnHost,
            call.Run.Value, call.StepId), EgressTarget.Of(address)), cancel);

    private readonly record struct Slot(Tenancy Tenancy, string Actor, string Name, string Place);

    private sealed record Kept(string? Value, long At);
}
