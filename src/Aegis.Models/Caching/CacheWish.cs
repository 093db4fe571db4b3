namespace Aegis.Models.Caching;

/// <summary>What a client asks of caches by the header <c>Cache-Control</c> (RFC 9111, 5.2.1).</summary>
/// <param name="MayUse">False for <c>no-cache</c>: the model is to answer anew.</param>
/// <param name="MayKeep">False for <c>no-store</c>, which also takes no answer from there.</param>
/// <param name="MustUse"><c>only-if-cached</c>: no model is to be asked.</param>
public readonly record struct CacheWish(bool MayUse, bool MayKeep, bool MustUse = false)
{
    public static CacheWish Any { get; } = new(true, true);

    public static CacheWish Nothing { get; } = new(false, false);

    /// <summary>Directives that are not known are left aside, as the RFC has it.</summary>
    public static CacheWish Parse(string? header)
    {
        if (string.IsNullOrEmpty(header))
        {
            return Any;
        }
        var (use, keep, must) = (true, true, false);
        foreach (var range in header.AsSpan().Split(','))
        {
            var directive = header.AsSpan()[range].Trim();
            use &= !Is(directive, "no-cache") && !Is(directive, "no-store") && !Is(directive, "max-age=0");
            keep &= !Is(directive, "no-store");
            must |= Is(directive, "only-if-cached");
        }
        return new(use, keep, must);
    }

    private static bool Is(ReadOnlySpan<char> directive, string name) =>
        directive.Equals(name, StringComparison.OrdinalIgnoreCase);
}
