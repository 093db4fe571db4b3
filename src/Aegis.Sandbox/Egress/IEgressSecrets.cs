using System.Collections.Immutable;
using Aegis.Core.Policy;

namespace Aegis.Sandbox.Egress;

/// <summary>The secrets that a command's requests may carry: inside there are placeholders only, and the
/// proxy puts the values in their place on the way out.</summary>
public interface IEgressSecrets
{
    /// <summary>The command's variables that hold placeholders, by their names.</summary>
    ImmutableSortedDictionary<string, string> Variables { get; }

    /// <summary>The placeholders of the secrets that are bound to this host and port. Plain HTTP to a place
    /// with any goes out over TLS, to port 443 where it named 80.</summary>
    ImmutableArray<string> At(EgressTarget place);

    /// <summary>The value of one of them, for a use that is recorded before this answers; null where it is
    /// not bound to the place any more.</summary>
    ValueTask<string?> OpenAsync(string placeholder, EgressTarget place, CancellationToken cancel);
}

/// <summary>A value and the word that stands for it inside.</summary>
public sealed record BoundSecret
{
    public const int PlaceholderCharsMin = 16;

    /// <summary>A head that holds a longer one is refused by most servers.</summary>
    public const int ValueCharsMax = 16 * 1024;

    /// <param name="placeholder">At least 16 letters, digits, <c>_</c> or <c>-</c>, so that it occurs
    /// nowhere by chance and needs no escape.</param>
    /// <param name="value">Of visible ASCII and spaces: nothing else can stand in a header.</param>
    public BoundSecret(string placeholder, string value)
    {
        if (placeholder.Length < PlaceholderCharsMin
            || !placeholder.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
        {
            throw new ArgumentException("16 or more letters, digits, _ and - are expected",
                nameof(placeholder));
        }
        (Placeholder, Value) = (placeholder, value);
    }

    public string Placeholder { get; }

    public string Value { get; }

    /// <summary>Whether it can stand in a header.</summary>
    public bool CanStand => Value.Length <= ValueCharsMax && Value.All(c => c is >= ' ' and <= '~');

    // a record prints its members
    public override string ToString() => Placeholder;
}
