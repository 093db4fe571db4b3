namespace Aegis.Core.Profiles;

/// <summary>What of model calls is kept and used again.</summary>
/// <param name="Lifetime">How long an answer may be given again; zero for never.</param>
/// <param name="TemperatureMax">Calls at a higher temperature want a new answer each time.</param>
/// <param name="IsTenantWide">Whether answers are shared with the tenant's other projects that say the
/// same.</param>
/// <param name="Prompts">Whether providers' own caches of prompts are asked for.</param>
public sealed record CacheProfile(TimeSpan Lifetime, double TemperatureMax, bool IsTenantWide, bool Prompts)
{
    /// <summary>The highest temperature is that of <see cref="GenerationDefaults.Default"/>, so that a call
    /// which says nothing may be answered again.</summary>
    public static CacheProfile Default { get; } = new(TimeSpan.FromHours(1), 0.1, false, true);
}
