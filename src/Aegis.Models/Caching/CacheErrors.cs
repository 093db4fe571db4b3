using Aegis.Core.Errors;

namespace Aegis.Models.Caching;

public static class CacheErrors
{
    /// <summary>The caller wanted a kept answer or none.</summary>
    /// <param name="verdict">Why none could be kept.</param>
    public static AegisException NotKept(CacheVerdict verdict) => new(new AegisError("AEGIS2343",
        verdict == CacheVerdict.Cacheable ? "no answer to this call is kept, and no model was to be asked"
            : "an answer to such a call is never kept, and no model was to be asked",
        verdict == CacheVerdict.Cacheable ? null : "a call that may be answered again", Word(verdict),
        "leave only-if-cached out of Cache-Control; docs/models-caches.md says what is kept"));

    private static string? Word(CacheVerdict verdict) => verdict switch
    {
        CacheVerdict.Cacheable => null,
        CacheVerdict.Off => "cache.ttl_seconds is 0",
        CacheVerdict.Unwanted => "no-store",
        CacheVerdict.Kind => "sound",
        CacheVerdict.TooLong => "a body that is too long",
        CacheVerdict.Tools => "tools",
        CacheVerdict.Choices => "several answers at once",
        CacheVerdict.Acts => "a provider that is to act",
        _ => "a temperature above cache.temperature_max",
    };
}
