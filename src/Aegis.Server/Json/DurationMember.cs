using System.Text.Json;
using Aegis.Core.Plans;

namespace Aegis.Server.Json;

/// <summary>A duration in a body: a number of milliseconds, or text such as 15m.</summary>
public static class DurationMember
{
    /// <summary>Null where it is neither.</summary>
    public static TimeSpan? Read(JsonElement asked) => asked switch
    {
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out var milliseconds)
            && milliseconds is >= 0 and < 1L << 40 => TimeSpan.FromMilliseconds(milliseconds),
        { ValueKind: JsonValueKind.String } text when Duration.TryParse(text.GetString()!, out var parsed)
            => parsed,
        _ => null,
    };
}
