namespace Aegis.Core.Routing;

/// <summary>A model at a provider; as text <c>provider/model</c>, where the model may hold slashes of its
/// own. Its hash is reckoned once: a choice looks each of its candidates up several times.</summary>
public readonly struct ModelKey(string provider, string model) : IEquatable<ModelKey>, IComparable<ModelKey>
{
    private readonly int _hash = HashCode.Combine(provider, model);

    public string Provider { get; } = provider;

    public string Model { get; } = model;

    public static bool operator ==(ModelKey left, ModelKey right) => left.Equals(right);

    public static bool operator !=(ModelKey left, ModelKey right) => !left.Equals(right);

    /// <summary>Null where the text has no slash between two names.</summary>
    public static ModelKey? Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && slash < text.Length - 1 ? new ModelKey(text[..slash], text[(slash + 1)..]) : null;
    }

    public bool Equals(ModelKey other) =>
        _hash == other._hash && Model == other.Model && Provider == other.Provider;

    public override bool Equals(object? obj) => obj is ModelKey other && Equals(other);

    public override int GetHashCode() => _hash;

    public int CompareTo(ModelKey other) => string.CompareOrdinal(Provider, other.Provider) is var first
        && first != 0 ? first : string.CompareOrdinal(Model, other.Model);

    public override string ToString() => $"{Provider}/{Model}";
}
