using System.Collections.Concurrent;
using Aegis.Core;
using Aegis.Core.Budgets;
using Aegis.Core.Caching;
using Aegis.Core.Catalogue;
using Aegis.Core.Errors;
using Aegis.Core.Knowledge;
using Aegis.Core.Plans.Review;
using Aegis.Core.Profiles;
using Aegis.Core.Rehearsals;
using Aegis.Ledger;
using Aegis.Ledger.Tenants;
using Aegis.Models;
using Aegis.Models.Calls;

namespace Aegis.Gate;

/// <summary>The profile that a run was started with, parsed once per version: a later edit never changes what
/// a running run may reach.</summary>
public sealed class ProfileShelf(ProfileStore store, TenantDirectory tenants, ModelDoor models)
{
    /// <summary>Parsed profiles kept in memory.</summary>
    public const int KeptMax = 256;

    private readonly ConcurrentDictionary<(TenancyKeys, int), Shelved> kept = new();

    /// <summary>The only way to a model.</summary>
    internal ModelDoor Models => models;

    /// <summary>Who asks a model in a call.</summary>
    internal async ValueTask<ModelCaller> CallerAsync(
        CallContext context, ModelKeys? keys, IPurse? purse, CancellationToken cancel)
    {
        var (profile, rehearsal, _) = await OfAsync(context, cancel);
        return new ModelCaller(context.Principal.Tenancy, profile, rehearsal, keys, purse);
    }

    /// <summary>The profile of a call's run.</summary>
    internal async ValueTask<Profile> ProfileAsync(CallContext context, CancellationToken cancel) =>
        (await OfAsync(context, cancel)).Profile;

    /// <summary>What the agents of a call's run can look up.</summary>
    internal async ValueTask<KnowledgeBase> KnowledgeAsync(CallContext context, CancellationToken cancel) =>
        (await OfAsync(context, cancel)).Knowledge;

    /// <summary>The models and prices that a run would have.</summary>
    public async ValueTask<ModelSight> SightAsync(Tenancy tenancy, int? version, CancellationToken cancel)
    {
        var shelved = await FindAsync(tenancy, version, cancel);
        return new ModelSight(shelved.Profile, shelved.Rehearsal, models.Catalogue);
    }

    /// <summary>What is wrong with a profile and the files it names, before it is stored.</summary>
    public static IReadOnlyList<Diagnostic> Check(
        string yaml, IReadOnlyDictionary<string, string> files, ModelCatalogue catalogue)
    {
        var parsed = ProfileParser.Parse(yaml, "profile.yaml");
        if (parsed.Value is { } profile && ProfileCheck.Of(profile, catalogue) is { Count: > 0 } wrong)
        {
            return wrong;
        }
        if (KnowledgeBase.Check(files) is { Count: > 0 } articles)
        {
            return [.. parsed.Errors, .. articles];
        }
        if (parsed.Value?.Rehearsal is not { } name)
        {
            return parsed.Errors;
        }
        return files.TryGetValue(name, out var text)
            ? RehearsalFile.Parse(text, name).Errors
            : [new Diagnostic(parsed.Value.RehearsalAt ?? new SourceSpan("profile.yaml", 1, 1),
            ModelErrors.RehearsalMissing(name).Error)];
    }

    private async ValueTask<Shelved> OfAsync(CallContext context, CancellationToken cancel) =>
        Known(context) ?? await PassingFault.RideOutAsync(
            () => FindAsync(context.Principal.Tenancy, context.ProfileVersion, cancel),
            TimeProvider.System, cancel);

    // most calls find it in memory, and wait for nothing
    private Shelved? Known(CallContext context) => context.ProfileVersion is not { } version ? Shelved.Nothing
        : tenants.Known(context.Principal.Tenancy) is { } keys ? kept.GetValueOrDefault((keys, version))
        : null;

    private async Task<Shelved> FindAsync(Tenancy tenancy, int? version, CancellationToken cancel)
    {
        if (version is not { } wanted)
        {
            return Shelved.Nothing;
        }
        var keys = await tenants.ResolveAsync(tenancy, cancel)
            ?? throw new InvariantViolationException($"project {tenancy} is gone");
        if (kept.TryGetValue((keys, wanted), out var shelved))
        {
            return shelved;
        }
        var stored = await store.OfVersionAsync(keys, wanted, cancel)
            ?? throw new InvariantViolationException($"profile version {wanted} of {tenancy} is gone");
        var profile = ProfileParser.Parse(stored.Yaml, "profile.yaml").Value
            ?? throw new InvariantViolationException($"profile version {wanted} of {tenancy} was valid once");
        var rehearsal = profile.Rehearsal is { } name && stored.Files.TryGetValue(name, out var text)
            ? RehearsalFile.Parse(text, name).Value
            : null;
        return kept.Keep((keys, wanted),
            new Shelved(profile, rehearsal, KnowledgeBase.With(stored.Files)), KeptMax);
    }

    private sealed record Shelved(
        Profile Profile, RehearsalFile? Rehearsal, KnowledgeBase Knowledge)
    {
        public static Shelved Nothing { get; } = new(Profile.Empty, null, KnowledgeBase.BuiltIn);
    }
}
