using System.Collections.Immutable;

namespace Aegis.Core.Profiles;

/// <summary>What the chat does its work with: <c>chat</c> of a profile.</summary>
/// <param name="Model">The alias or model that understands and answers; null for the alias
/// <see cref="ModelDefault"/>, where there is one.</param>
/// <param name="Workflows">Registered workflows, by what they are for.</param>
public sealed record ChatProfile(string? Model, ImmutableSortedDictionary<string, string> Workflows)
{
    public const string ModelDefault = "chat";

    public static ChatProfile Default { get; } =
        new(null, ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal));
}
