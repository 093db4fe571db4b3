using Aegis.Core.Catalogue;
using Aegis.Core.Errors;

namespace Aegis.Core.Profiles;

/// <summary>What of a profile does not fit the catalogue. Told before a profile is stored; one that was
/// stored under another catalogue is told by the call that meets it.</summary>
public static class ProfileCheck
{
    public static IReadOnlyList<Diagnostic> Of(Profile profile, ModelCatalogue catalogue) =>
    [
        .. profile.Providers.Values.Where(p => p.BaseUrl is null).SelectMany(p => Provider(p, catalogue)),
        .. profile.Models.Values.SelectMany(a => Alias(profile, a, catalogue)),
    ];

    /// <summary>What is wrong with the address of a provider that takes the catalogue's; null where nothing
    /// is.</summary>
    public static AegisError? Address(ModelProvider provider, ModelCatalogue catalogue)
    {
        if (!catalogue.Providers.TryGetValue(provider.Name, out var listed))
        {
            return new("AEGIS2350", $"the catalogue has no provider {provider.Name}",
                "base_url, or a provider of docs/models.md", provider.Name,
                NearestName.Of(provider.Name, catalogue.Providers.Keys) is { } near
                    ? $"did you mean {near}?" : "add base_url to it");
        }
        var wanted = listed.Address.Placeholders;
        return wanted.ToHashSet().SetEquals(provider.Placeholders.Keys) ? null : new("AEGIS2351",
            $"the address of {provider.Name} has other placeholders: {listed.Address}",
            Names(wanted), Names(provider.Placeholders.Keys), wanted.IsEmpty ? "remove placeholders"
                : $"write placeholders: {{ {string.Join(", ", wanted.Select(p => p + ": …"))} }}");
    }

    /// <summary>The rule of <c>locality: local</c>; null where the choice keeps it.</summary>
    public static AegisError? Locality(ModelChoice choice) =>
        choice.MustBeLocal && choice.Locality != Catalogue.Locality.Local
            ? new("AEGIS2354", $"provider {choice.Provider ?? choice.Address?.Host ?? "none"} is not local",
                "a provider with locality: local", "remote, or not said",
                "name a local one; its own address says locality: local beside base_url")
            : null;

    private static IEnumerable<Diagnostic> Provider(ModelProvider provider, ModelCatalogue catalogue) =>
        Address(provider, catalogue) is { } error ? [new(At(provider.At), error)] : [];

    private static IEnumerable<Diagnostic> Alias(Profile profile, ModelAlias alias, ModelCatalogue catalogue)
    {
        var choices = ModelChoice.All(profile, null, alias.Name, catalogue);
        if (alias.Filter is not null && choices.IsEmpty)
        {
            yield return new(At(alias.At), NoModel(alias));
        }
        foreach (var choice in choices)
        {
            if (choice.Facts is { } facts && alias.Filter is null && !facts.Kinds.Contains(alias.Kind))
            {
                yield return new(At(alias.At), new("AEGIS2357",
                    $"models.{alias.Name} names {facts.Name}, which is for something else",
                    CatalogueWords.Kinds.Word(alias.Kind), Names(facts.Kinds.Select(
                        k => CatalogueWords.Kinds.Word(k))), "name another model, or rename the alias"));
            }
            if (profile.Rehearsal is null && Locality(choice) is { } error)
            {
                yield return new(At(alias.At), error);
            }
        }
    }

    /// <summary>For an alias whose filter lets no model through.</summary>
    public static AegisError NoModel(ModelAlias alias) => new("AEGIS2357",
        $"no model of the profile's providers fits models.{alias.Name}",
        "a model of the catalogue that is known to fit", "none",
        "loosen the filter, or add a provider; docs/models.md lists what is known");

    private static SourceSpan At(SourceSpan? place) => place ?? new SourceSpan("profile.yaml", 1, 1);

    private static string Names(IEnumerable<string> names) =>
        names.ToArray() is { Length: > 0 } all ? string.Join(", ", all) : "none";
}
