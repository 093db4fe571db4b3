using System.Globalization;
using Aegis.Core.Errors;
using Aegis.Server.Problems;

namespace Aegis.Server.Json;

/// <summary>Reads query parameters; one that is malformed, out of bounds or given twice is refused.</summary>
public static class Query
{
    private static readonly string[] TimeForms = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK"];

    public static string? Text(HttpContext http, string name)
    {
        var values = http.Request.Query[name];
        return values.Count switch
        {
            0 => null,
            1 => values[0],
            _ => throw new AegisException(DoorErrors.Malformed($"query parameter {name} comes twice", "one")),
        };
    }

    public static long Number(HttpContext http, string name, long fallback, long min, long max)
    {
        if (Text(http, name) is not { } text)
        {
            return fallback;
        }
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            && value >= min && value <= max
            ? value
            : throw new AegisException(
                DoorErrors.Malformed($"query parameter {name} is out of bounds", $"{min} to {max}", text));
    }

    /// <summary>One of these, or null where the query does not say.</summary>
    public static string? Choice(HttpContext http, string name, string[] choices) =>
        Text(http, name) is not { } text || choices.Contains(text)
            ? Text(http, name)
            : throw new AegisException(
                DoorErrors.Malformed($"no such {name}", string.Join(", ", choices), text));

    public static DateTimeOffset? Time(HttpContext http, string name)
    {
        if (Text(http, name) is not { } text)
        {
            return null;
        }
        return DateTimeOffset.TryParseExact(text, TimeForms, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw new AegisException(DoorErrors.Malformed(
                $"query parameter {name} is no time", "ISO 8601, such as 2026-01-02T03:04:05Z", text));
    }

    /// <summary>A day of UTC.</summary>
    public static DateOnly? Day(HttpContext http, string name) => Text(http, name) is not { } text ? null
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None,
            out var day)
        ? day
        : throw new AegisException(DoorErrors.Malformed(
            $"query parameter {name} is no day", "a day of UTC, such as 2026-01-02", text));

    public static int Limit(HttpContext http) =>
        (int)Number(http, "limit", DoorLimits.PageDefault, 1, DoorLimits.PageMax);

    public static bool Flag(HttpContext http, string name) => Text(http, name) switch
    {
        null or "false" or "0" => false,
        "true" or "1" or "" => true,
        var other => throw new AegisException(
            DoorErrors.Malformed(
                $"query parameter {name} is neither true nor false", "true or false", other)),
    };

    public static string Route(HttpContext http, string name) => (string)http.Request.RouteValues[name]!;
}
