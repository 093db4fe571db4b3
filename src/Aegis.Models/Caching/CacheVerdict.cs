namespace Aegis.Models.Caching;

/// <summary>Whether a call may be answered with an answer that was given before, and if not, why.</summary>
public enum CacheVerdict
{
    Cacheable,

    /// <summary>The profile keeps no answers: <c>cache.ttl_seconds: 0</c>.</summary>
    Off,

    /// <summary>The caller wants a new one, and it is not to be kept.</summary>
    Unwanted,

    /// <summary>Sound, or a body without an outline.</summary>
    Kind,

    TooLong,

    /// <summary>A model that may call tools acts by them, and what they tell changes.</summary>
    Tools,

    /// <summary>Several answers to one call are meant to differ.</summary>
    Choices,

    /// <summary>The provider is to search, to store, or to act otherwise.</summary>
    Acts,

    /// <summary>Higher than the profile's <c>cache.temperature_max</c>, or left to the provider.</summary>
    Temperature,
}
