using System.Collections.Immutable;
using Aegis.Core.Catalogue;
using Aegis.Core.Profiles;
using Aegis.Models.Calls;

namespace Aegis.Server.Gateway;

/// <summary>A list of models in OpenAI's shape.</summary>
public sealed record OpenAiModelList(string Object, IReadOnlyList<OpenAiModel> Data)
{
    public static OpenAiModelList Of(IReadOnlyList<ListedName> names) =>
        new("list", [.. names.Select(OpenAiModel.Of)]);
}

/// <param name="Created">Seconds since 1970.</param>
public sealed record OpenAiModel(string Id, string Object, long Created, string OwnedBy)
{
    public static OpenAiModel Of(ListedName name) => new(name.Id, "model",
        new DateTimeOffset(name.Read, TimeOnly.MinValue, TimeSpan.Zero).ToUnixTimeSeconds(), name.Owner);
}

/// <summary>The same in Anthropic's shape; all of it is one page.</summary>
public sealed record AnthropicModelList(IReadOnlyList<AnthropicModel> Data, bool HasMore, string? FirstId,
    string? LastId)
{
    public static AnthropicModelList Of(IReadOnlyList<ListedName> names) => new(
        [.. names.Select(AnthropicModel.Of)], false, names is [var first, ..] ? first.Id : null,
        names is [.., var last] ? last.Id : null);
}

public sealed record AnthropicModel(string Id, string Type, string DisplayName, DateTimeOffset CreatedAt)
{
    public static AnthropicModel Of(ListedName name) => new(name.Id, "model", name.Id,
        new DateTimeOffset(name.Read, TimeOnly.MinValue, TimeSpan.Zero));
}

/// <summary>What a client may name as its model.</summary>
/// <param name="Read">The day on which the catalogue read of it; for what is no model of the catalogue the
/// first day of all.</param>
public sealed record ListedName(string Id, string Owner, DateOnly Read)
{
    private const string Own = "aegis";
    private static readonly DateOnly Always = new(1970, 1, 1);

    /// <summary>Aliases, <c>auto</c>, and the models of the profile's providers.</summary>
    public static ImmutableArray<ListedName> Of(Profile profile, ModelCatalogue catalogue) =>
    [
        .. profile.Models.Keys.Select(a => new ListedName(a, Own, Always)),
        .. profile.Providers.IsEmpty || profile.Models.ContainsKey(ModelCall.Auto) ? []
            : new[] { new ListedName(ModelCall.Auto, Own, Always) },
        .. Models(profile, catalogue),
    ];

    /// <summary>The models of the profile's providers.</summary>
    public static IEnumerable<ListedName> Models(Profile profile, ModelCatalogue catalogue) =>
        profile.Providers.Values.SelectMany(p => p.ModelsIn(catalogue)
            .Select(m => new ListedName($"{p.Name}/{m.Name}", p.Name, m.Facts?.Read ?? Always)));
}
